"""A change right after the first message of a run, while no view of the embedded product shows the run yet."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.vectors.composed import Product, embedded

from contracts.routes import REST_PREFIX

RUN = "just-begun"
_LOOKED_SECONDS = 0.3
"""Long enough for a request to find that no view shows the run."""
_PATIENCE_SECONDS = 30.0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/runs/{RUN}/", {"name": "a name"}),
        ("POST", f"/runs/{RUN}/tags/new/", {"tag_name": "a tag"}),
        ("POST", f"/runs/{RUN}/note/", {"content": "a note"}),
        ("DELETE", f"/runs/{RUN}/", None),
    ],
)
async def test_a_run_that_was_just_taken_may_be_changed(tmp_path: Path, method: str, path: str, body: Any) -> None:
    async with embedded(tmp_path) as product:
        await product.projector.stop()
        await begin(product)
        asked = asyncio.create_task(product.client.request(method, f"{REST_PREFIX}{path}", json=body))
        done, _ = await asyncio.wait({asked}, timeout=_LOOKED_SECONDS)
        assert not done, "nobody can know yet whether there is such a run"
        answer = await answer_while_the_projector_works(product, asked)
        assert answer.is_success, answer.text
        assert "X-Tallybook-Visible" not in answer.headers


async def test_views_that_stay_behind_are_said_and_nothing_is_written(tmp_path: Path) -> None:
    async with embedded(tmp_path) as product:
        await product.projector.stop()
        await begin(product)
        before = await product.log.end_offsets()
        answer = await product.client.put(f"{REST_PREFIX}/runs/{RUN}/", json={"name": "a name"})
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(answer.headers["Retry-After"]) > 0
        assert await product.log.end_offsets() == before


async def begin(product: Product) -> None:
    taken = await product.client.post(f"/api/v1/ingest/runs/{RUN}", json={"type": "create_run"})
    assert taken.status_code == httpx.codes.OK, taken.text


async def answer_while_the_projector_works(product: Product, asked: "asyncio.Task[httpx.Response]") -> httpx.Response:
    """It goes on from where it was held back."""
    await product.projector.load()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not asked.done():
            await product.projector.round()
            await asyncio.sleep(0.001)
    return asked.result()
