"""What the reference server answered to reads, our own product answers too: over the same data, under both prefixes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.vectors.asking import COMPARED, Loaded, load_into
from tests.vectors.composed import embedded, in_memory
from tests.vectors.deviations import DEVIATIONS, is_left_out, unexplained, used
from tests.vectors_support import names

from contracts.routes import AIM_PREFIX, REST_PREFIX

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def loaded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    async with embedded(tmp_path_factory.mktemp("recorded")) as full, in_memory() as empty:
        yield await load_into(full, empty)


@pytest.mark.parametrize("prefix", [AIM_PREFIX, REST_PREFIX])
@pytest.mark.parametrize("name", COMPARED)
async def test_answer_is_as_recorded(loaded: Loaded, name: str, prefix: str) -> None:
    assert unexplained(name, await loaded.differences(name, prefix)) == []


async def test_every_deviation_is_one(loaded: Loaded) -> None:
    found = [(name, difference) for name in COMPARED for difference in await loaded.differences(name, AIM_PREFIX)]
    assert used(found) == set(DEVIATIONS)


async def test_nothing_is_left_out_but_what_is_named() -> None:
    assert set(names()) - set(COMPARED) == {name for name in names() if is_left_out(name)}
    assert [name for name in COMPARED if name == "run-search-slow-progress"] == []
    assert len(COMPARED) >= 142
