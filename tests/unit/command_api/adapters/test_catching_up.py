from tests.fakes import FakeDocuments, FakeEventLog, Faults

from command_api.adapters.catching_up import PolledCheckpoints
from contracts.position import TopicPartition
from contracts.tables import ViewNames
from contracts.topics import RUNS
from stores.documents.port import Checkpoint
from stores.errors import StoreUnavailable
from stores.eventlog.port import NewRecord
from stores.views import ensure_view, set_live_view

V1 = ViewNames(1)
PLACE, OTHER = TopicPartition(RUNS, 0), TopicPartition(RUNS, 1)


class Projector:
    """Moves the checkpoint of a partition on by one each time somebody waits for it."""

    def __init__(self, documents: FakeDocuments, generation: int = 1) -> None:
        self._documents = documents
        self._generation = generation
        self._next = 0
        self.waits = 0

    async def progressed(self, _: float) -> None:
        self.waits += 1
        await self.reach(self._next)

    async def reach(self, offset: int) -> None:
        await self._documents.commit([], [Checkpoint(V1.view, self._generation, *PLACE, offset)])
        self._next = offset + 1


async def prepared(faults: Faults | None = None) -> FakeDocuments:
    documents = FakeDocuments(faults=faults)
    await ensure_view(documents, V1)
    await set_live_view(documents, V1)
    return documents


async def log_of(*places: TopicPartition) -> FakeEventLog:
    log = FakeEventLog()
    await log.append([NewRecord(*place, "key", b"value") for place in places])
    return log


async def test_a_log_without_records_of_the_place_is_reached_at_once() -> None:
    catch_up = PolledCheckpoints(await log_of(OTHER), await prepared(), wait_seconds=0.0)
    assert await catch_up([PLACE])


async def test_views_that_are_level_are_waited_for_by_nobody() -> None:
    documents = await prepared()
    projector = Projector(documents)
    await projector.reach(1)
    # The other partition has something that the views do not hold: nobody asked for it.
    catch_up = PolledCheckpoints(await log_of(PLACE, PLACE, OTHER), documents, progressed=projector.progressed)
    assert await catch_up([PLACE])
    assert projector.waits == 0


async def test_the_last_record_of_the_call_is_waited_for_and_none_behind_it() -> None:
    documents, log = await prepared(), await log_of(PLACE, PLACE, PLACE)
    projector = Projector(documents)

    async def progressed(seconds: float) -> None:
        await log.append([NewRecord(*PLACE, "key", b"later")])
        await projector.progressed(seconds)

    assert await PolledCheckpoints(log, documents, progressed=progressed)([PLACE])
    assert projector.waits == 3


async def test_every_place_counts() -> None:
    documents = await prepared()
    await Projector(documents).reach(0)
    catch_up = PolledCheckpoints(await log_of(PLACE, OTHER), documents, wait_seconds=0.02)
    assert not await catch_up([PLACE, OTHER])


async def test_views_that_do_not_come_so_far_are_given_up() -> None:
    assert not await PolledCheckpoints(await log_of(PLACE), await prepared(), wait_seconds=0.02)([PLACE])


async def test_without_views_the_wait_ends_all_the_same() -> None:
    assert not await PolledCheckpoints(await log_of(PLACE), FakeDocuments(), wait_seconds=0.02)([PLACE])


async def test_a_checkpoint_of_an_older_log_says_nothing() -> None:
    documents = await prepared()
    await Projector(documents, generation=0).reach(9)
    assert not await PolledCheckpoints(await log_of(PLACE), documents, wait_seconds=0.02)([PLACE])


async def test_documents_that_are_away_for_a_moment_are_asked_again() -> None:
    faults = Faults()
    documents = await prepared(faults)
    projector = Projector(documents)
    await projector.reach(0)
    faults.fail_next(lambda: StoreUnavailable("away"), times=2)
    assert await PolledCheckpoints(await log_of(PLACE), documents)([PLACE])


async def test_whether_the_views_are_level_is_told_without_a_wait() -> None:
    documents = await prepared()
    projector = Projector(documents)
    level = PolledCheckpoints(await log_of(PLACE, PLACE, OTHER), documents, progressed=projector.progressed)
    await projector.reach(0)
    assert not await level.is_level([PLACE])
    await projector.reach(1)
    assert await level.is_level([PLACE])
    assert not await level.is_level([PLACE, OTHER])
    assert await level.is_level([])
    assert projector.waits == 0
