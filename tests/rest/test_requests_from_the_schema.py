"""Requests made from the OpenAPI file are answered as it says. The long form is in tests/soak."""

from pathlib import Path

import httpx
import pytest
from tests.e2e.product import product_on, running
from tests.rest import lenient_checks
from tests.rest.asking import Described, Rest, fresh
from tests.rest.lenient_checks import LENIENT, Lenient
from tests.rest.schema_requests import ask
from tests.vectors.composed import Product

from contracts.routes import REST_PREFIX

_EXAMPLES = 4
"""Of each operation, besides the cases that its bounds give: half a minute in all on an idle machine."""
_SECONDS = 180
_MANY_EXAMPLES = 100
"""Of each operation, as far as the time goes."""


@pytest.mark.timeout(900)
def test_every_operation_answers_as_the_file_says(tmp_path: Path) -> None:
    with running(product_on(tmp_path / "data")) as product:
        outcome = ask(product, tmp_path, examples=_EXAMPLES)
        operations = httpx.get(f"{product.url}/schema").json()["paths"].values()
    assert outcome.code == 0, outcome.text
    assert outcome.operations == sum(map(len, operations))
    assert outcome.cases > 20 * outcome.operations


@pytest.mark.timeout(900)
def test_three_minutes_of_other_requests_are_answered_as_the_file_says(tmp_path: Path) -> None:
    with running(product_on(tmp_path / "data")) as product:
        outcome = ask(product, tmp_path, examples=_MANY_EXAMPLES, seconds=_SECONDS)
    assert outcome.code == 0, outcome.text
    assert outcome.cases > outcome.operations > 0


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("entry", LENIENT, ids=lambda entry: "-".join((entry.operations[0], entry.check)))
async def test_what_is_left_out_is_really_answered_so(product: Product, file: Described, entry: Lenient) -> None:
    rest = Rest(product, "" if entry.path.startswith("/api/") else REST_PREFIX, file=file)
    names = {"tag_name": fresh("tag"), "experiment_name": fresh("experiment"), "run": await rest.run()}
    ours = Rest(product, REST_PREFIX, file=file)
    await ours.made("/tags", {"name": names["tag_name"]})
    await ours.made("/experiments", {"name": names["experiment_name"]})
    names["other_tag"] = (await ours.made("/tags", {"name": fresh("tag")}))["id"]
    names["other_experiment"] = (await ours.made("/experiments", {"name": fresh("experiment")}))["id"]
    body = entry.body
    if isinstance(body, dict):
        body = {key: value.format(**names) if isinstance(value, str) else value for key, value in body.items()}
    answer = await rest.ask(entry.method, entry.path.format(**names), body, params=dict(entry.query))
    assert answer.status_code == entry.shown
    assert not entry.statuses or entry.shown in entry.statuses


def test_what_is_left_out_are_operations_of_the_file(file: Described) -> None:
    known = {operation["operationId"] for operation in file.operations.values()}
    named = [operation for entry in LENIENT for operation in entry.operations]
    assert set(named) <= known
    assert all(entry.line for entry in LENIENT)
    pairs = [(operation, entry.check) for entry in LENIENT for operation in entry.operations]
    assert len(set(pairs)) == len(pairs)
    assert {entry.check for entry in LENIENT} <= {lenient_checks.POSITIVE, lenient_checks.NEGATIVE}
