"""Twenty minutes of requests made from the OpenAPI file, others each time: every check holds, and nothing is a 5xx."""

import os
import random
from pathlib import Path

import httpx
import pytest
from tests.e2e.product import is_ready, product_on, running
from tests.rest.schema_requests import ask

_MINUTES = float(os.environ.get("TALLYBOOK_SOAK_SCHEMA_MINUTES", "20"))
_EXAMPLES = 100


def test_requests_from_the_schema_for_twenty_minutes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    with running(product_on(tmp_path / "data")) as product:
        outcome = ask(product, tmp_path, examples=_EXAMPLES, seconds=round(60 * _MINUTES), seed=seed)
        operations = httpx.get(f"{product.url}/schema").json()["paths"].values()
        ready = is_ready(product.port)
    with capsys.disabled():
        print(f"\n{outcome.cases:,} requests of {outcome.operations} operations, seed {seed}")  # noqa: T201 - a figure
    assert outcome.code == 0, f"seed {seed}\n{outcome.text}"
    assert outcome.operations == sum(map(len, operations))
    assert ready
