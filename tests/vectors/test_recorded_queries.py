"""What the reference server found for a query text, our own product finds too: over HTTP, under both prefixes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from tests.vectors.composed import Product, embedded, in_memory
from tests.vectors.deviations import QUERY_DEVIATIONS
from tests.vectors_support.queries import Recorded, as_recorded, comparable, query_run_messages, suites

from contracts.aimcodec.reader import items
from contracts.routes import AIM_PREFIX, REST_PREFIX

pytestmark = pytest.mark.asyncio(loop_scope="module")

PREFIXES = (AIM_PREFIX, REST_PREFIX)
SUITES = {suite.name: suite for suite in suites()}
CASES = [
    pytest.param(suite.name, case, id=suite.case_name(case))
    for suite in SUITES.values()
    for case in suite.cases
    if case["id"] not in QUERY_DEVIATIONS
]
DEVIATING = [case for case in SUITES[""].cases if case["id"] in QUERY_DEVIATIONS]
KINDS = ("run", "metric", "images", "texts", "audios", "figures", "distributions")

Products = Mapping[str, Product]
"""By name of the suite; suites over the same data share one."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def products(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Products]:
    async with AsyncExitStack() as stack:
        found: dict[str, Product] = {}
        for name, suite in SUITES.items():
            same = next((other for other in found if SUITES[other].runs == suite.runs), None)
            if same is not None:
                found[name] = found[same]
                continue
            # A process has one chDB, so further data go into memory.
            product = in_memory() if found else embedded(tmp_path_factory.mktemp("queries"))
            found[name] = await stack.enter_async_context(product)
            await _load(found[name], suite.runs)
        yield found


async def _load(product: Product, runs: list[dict[str, Any]]) -> None:
    for run in runs:
        answer = await product.client.post(
            f"/api/v1/ingest/runs/{run['hash']}",
            content=msgspec.msgpack.encode(query_run_messages(run)),
            headers={"Content-Type": "application/msgpack"},
        )
        assert (answer.status_code, answer.json()["rejected"]) == (200, []), answer.text
    await product.caught_up()


async def _ask(product: Product, prefix: str, kind: str, q: str, tz_offset: int = 0) -> Recorded:
    answer = await product.reads.get(
        f"{prefix}/runs/search/{kind}",
        params={"q": q, "report_progress": "false"},
        headers={"X-Timezone-Offset": str(tz_offset)},
    )
    return _recorded(answer, kind)


def _recorded(answer: httpx.Response, kind: str) -> Recorded:
    if answer.status_code != 200:
        return {"error": {"status": answer.status_code, "body": answer.json()}}
    runs: list[tuple[Any, Any]] = list(items(answer.content))
    if kind == "run":
        return {"hashes": [run_id for run_id, _ in runs]}
    return {
        "sequences": [[run_id, trace["name"], trace["context"]] for run_id, tree in runs for trace in tree["traces"]]
    }


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("suite", "case"), CASES)
async def test_answer_is_as_recorded(products: Products, suite: str, case: dict[str, Any], prefix: str) -> None:
    given = await _ask(products[suite], prefix, case["kind"], case["q"], case["tz_offset"])
    assert as_recorded(given, case), given


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("case", DEVIATING, ids=lambda case: case["id"])
async def test_deviation_answers_as_its_equivalent(products: Products, case: dict[str, Any], prefix: str) -> None:
    given = await _ask(products[""], prefix, case["kind"], case["q"], case["tz_offset"])
    same_as = QUERY_DEVIATIONS[case["id"]].same_as
    assert "error" not in given
    assert comparable(given) == comparable(await _ask(products[""], prefix, case["kind"], same_as, case["tz_offset"]))


@pytest.mark.parametrize("kind", KINDS)
async def test_every_search_refuses_hostile_texts_and_knows_its_own_sequence_alone(
    products: Products, kind: str
) -> None:
    """What a safety case is refused with in one search, it is refused with in each; other sequences are unknown."""
    for case in SUITES[""].cases:
        if case["class"] == "safety" and "error" in case["expect"] and case["kind"] == "run":
            given = await _ask(products[""], REST_PREFIX, kind, case["q"])
            assert given["error"]["status"] == 400, case["q"]
    for other in KINDS:
        if other not in ("run", kind):
            given = await _ask(products[""], REST_PREFIX, kind, f"{other}.name")
            assert given in ({"hashes": []}, {"sequences": []}), other


async def test_no_query_changes_what_is_stored(products: Products) -> None:
    product = products[""]
    before = await product.log.end_offsets(), await _everything(product)
    for case in SUITES[""].cases:
        await _ask(product, REST_PREFIX, case["kind"], case["q"], case["tz_offset"])
    assert (await product.log.end_offsets(), await _everything(product)) == before


async def _everything(product: Product) -> list[str]:
    """As text, in which NaN equals itself; without references to bytes, of which each answer makes its own."""
    params = {"q": "run.archived or True", "report_progress": "false", "skip_system": "false"}
    answers = [await product.reads.get(f"{REST_PREFIX}/runs/search/{kind}", params=params) for kind in KINDS]
    return [repr(_without_references(list(items(answer.content)))) for answer in answers]


def _without_references(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _without_references(value) for key, value in tree.items() if key != "blob_uri"}
    if isinstance(tree, list | tuple):
        return [_without_references(value) for value in tree]
    return tree
