"""What the reference server answered to reads, our own product answers too: over the same data, under both prefixes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from tests.vectors.composed import Product, embedded, in_memory
from tests.vectors.deviations import DEVIATIONS, LEFT_OUT, unexplained, used
from tests.vectors.loading import Ids, add_notes, load
from tests.vectors.rows import row_of
from tests.vectors_support import Answer, Case, differences, names
from tests.vectors_support import load as load_case

from contracts.routes import AIM_PREFIX, REST_PREFIX

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROWS = {1, 10, 19, 20, 21, 22, 23, 41, 44, 54, 57, 61, 62, 63, 64, 67, 72, 77}
COMPARED = [
    name
    for name in names()
    if name not in LEFT_OUT and row_of(load_case(name).request.method, load_case(name).request.path) in ROWS
]
_SET_BY_LOADING = ("**.props.creation_time", "**.props.end_time", "**.timestamps")


@dataclass(frozen=True)
class Loaded:
    full: Product
    empty: Product
    ids: Ids

    async def differences(self, name: str, prefix: str) -> list[str]:
        case = load_case(name).with_ids({recorded: ours for recorded, ours in self.ids.items() if len(recorded) > 5})
        answer = await _ask(self.empty if case.empty_project else self.full, case, prefix)
        return differences(case, answer, comparable=_SET_BY_LOADING)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def loaded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    async with embedded(tmp_path_factory.mktemp("recorded")) as full, in_memory() as empty:
        ids = await load(full.client)
        await full.caught_up()
        await add_notes(full.client, ids)
        await full.caught_up()
        yield Loaded(full, empty, ids)


async def _ask(product: Product, case: Case, prefix: str) -> Answer:
    request = case.request
    answer = await product.client.request(
        request.method,
        prefix + request.path.removeprefix(AIM_PREFIX),
        params=dict(request.query),
        headers=dict(request.headers),
        json=request.body,
    )
    # The client has undone a compression.
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
    return Answer(answer.status_code, answer.content, headers)


@pytest.mark.parametrize("prefix", [AIM_PREFIX, REST_PREFIX])
@pytest.mark.parametrize("name", COMPARED)
async def test_answer_is_as_recorded(loaded: Loaded, name: str, prefix: str) -> None:
    assert unexplained(name, await loaded.differences(name, prefix)) == []


async def test_every_deviation_is_one(loaded: Loaded) -> None:
    found = [(name, difference) for name in COMPARED for difference in await loaded.differences(name, AIM_PREFIX)]
    assert used(found) == set(DEVIATIONS)


async def test_vectors_of_every_row_are_compared() -> None:
    rows = {row_of(load_case(name).request.method, load_case(name).request.path) for name in COMPARED}
    assert rows == ROWS
