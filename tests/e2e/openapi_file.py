"""`docs/openapi.json`: the OpenAPI file as the product serves it. `python -m tests.e2e.openapi_file` writes it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.vectors.composed import in_memory

PATH = Path(__file__).parents[2] / "docs" / "openapi.json"
HOW = "python -m tests.e2e.openapi_file writes it"


def text_of(served: dict[str, Any]) -> str:
    """The committed text. It names no version, which would change it with every release."""
    served = {**served, "info": {**served["info"], "version": ""}}
    return json.dumps(served, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


async def _served() -> dict[str, Any]:
    async with in_memory() as product:
        answer = await product.client.get("/schema")
    served: dict[str, Any] = answer.json()
    return served


if __name__ == "__main__":
    PATH.write_text(text_of(asyncio.run(_served())))
