import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from prometheus_client import CollectorRegistry
from tests.fakes import FakeColumns, FakeDocuments, FakeEventLog, Faults

from contracts.envelope import Header, Recorded, encode
from contracts.errors import LogMismatch
from contracts.events import Event, RunCreated, RunRenamed, TagCreated
from contracts.position import Position, TopicPartition
from contracts.tables import HISTORY, RUNS, TAGS, ViewNames
from contracts.topics import CATALOG, CATALOG_KEY, DEAD_LETTERS, partition_for
from contracts.topics import RUNS as RUNS_TOPIC
from projector import bootstrap
from projector.errors import TooManyDeadLetters
from projector.metrics import ProjectorMetrics
from projector.runner.inprocess import InProcessProjector
from projector.settings import RunnerSettings
from stores.documents.port import Checkpoint
from stores.errors import StoreUnavailable
from stores.eventlog.port import NewRecord
from stores.views import live_view

SOON = 10.0
QUICK = RunnerSettings(retry_first_seconds=0.0, retry_longest_seconds=0.0, batch_records=5, dead_letter_limit=2)


class Place:
    """The stores of one embedded product, and what fails in them."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.log = FakeEventLog()
        self.documents = FakeDocuments(faults=self.faults)
        self.columns = FakeColumns(self.faults)
        self.registry = CollectorRegistry()
        self.metrics = ProjectorMetrics(self.registry)
        self.projector: InProcessProjector | None = None
        self.written = 0

    async def start(self) -> InProcessProjector:
        self.projector = await bootstrap.in_process(
            self.log, self.log, self.documents, self.columns, QUICK, self.metrics
        )
        await self.projector.start()
        return self.projector

    async def append(self, *events: Event, key: str = "a") -> list[Position]:
        return await self.log.append([self._record(event, key) for event in events])

    async def append_garbage(self, times: int = 1) -> list[Position]:
        record = NewRecord(RUNS_TOPIC, partition_for(RUNS_TOPIC, "a"), "a", b"garbage")
        return await self.log.append([record] * times)

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"tallybook_projector_{name}_total", labels) or 0.0

    async def ids(self, collection: str) -> list[str]:
        return [each["_id"] async for batch in self.documents.find(collection) for each in batch]

    def _record(self, event: Event, key: str) -> NewRecord:
        self.written += 1
        topic = CATALOG if isinstance(event, TagCreated) else RUNS_TOPIC
        key = CATALOG_KEY if topic == CATALOG else key
        header = Header(id=f"event-{self.written}", key=key, recorded_at=float(self.written))
        return NewRecord(topic, partition_for(topic, key), key, encode(Recorded(header=header, event=event)))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    place = Place()
    yield place
    if place.projector is not None:
        await place.projector.stop()


V1 = ViewNames(1)


async def test_an_empty_store_gets_version_one(place: Place) -> None:
    with pytest.raises(StoreUnavailable, match="no views yet"):
        await live_view(place.documents)
    await place.start()
    assert await live_view(place.documents) == V1


async def test_what_is_appended_is_seen_without_polling(place: Place) -> None:
    projector = await place.start()
    positions = await place.append(RunCreated(at=1.0))
    assert await projector.applied(positions, SOON)
    assert await place.ids(V1.collection(RUNS)) == ["a"]
    assert await place.ids(V1.collection(HISTORY)) == ["event-1"]
    assert await projector.lag() == 0


async def test_everyone_who_waits_is_woken(place: Place) -> None:
    projector = await place.start()
    waiting = [asyncio.create_task(projector.progressed.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    await place.append(RunCreated(at=1.0))
    await asyncio.wait_for(asyncio.gather(*waiting), SOON)


async def test_more_than_one_round_holds_is_applied_at_once(place: Place) -> None:
    for number in range(10):
        await place.append(RunRenamed(name="n", by="client"), TagCreated(tag_id=f"t{number}", name=str(number)))
    projector = await place.start()
    assert await projector.caught_up(SOON)
    assert len(await place.ids(V1.collection(TAGS))) == 10
    assert place.counted("events", outcome="applied") == 20


async def test_stop_applies_what_the_log_held(place: Place) -> None:
    projector = await place.start()
    for _ in range(10):
        await place.append(RunCreated(at=1.0), RunRenamed(name="n"))
    await projector.stop()
    await projector.stop()
    assert projector.failed is None
    assert len(await place.ids(V1.collection(HISTORY))) == 20


async def test_it_goes_on_at_its_checkpoints(place: Place) -> None:
    first = await place.start()
    await place.append(RunCreated(at=1.0))
    await first.stop()
    await place.append(RunRenamed(name="later"))
    second = await place.start()
    assert await second.caught_up(SOON)
    run = await place.documents.get(V1.collection(RUNS), "a")
    assert run is not None
    assert run["name"] == "later"
    assert place.counted("repeated_records") == 0


async def test_a_store_that_is_away_is_waited_for(place: Place) -> None:
    projector = await place.start()
    place.faults.fail_next(lambda: StoreUnavailable("away"), times=20)
    assert await projector.applied(await place.append(RunCreated(at=1.0)), SOON)
    assert projector.failed is None
    assert place.counted("store_retries") >= 20


async def test_it_says_what_holds_the_views_up_as_long_as_it_does(place: Place) -> None:
    projector = await place.start()
    troubles = [projector.trouble]
    # More failures than are met before the test looks: a store that is away stays so.
    place.faults.fail_next(lambda: StoreUnavailable("no space left"), times=1_000_000)
    positions = await place.append(RunCreated(at=1.0))
    async with asyncio.timeout(SOON):
        while (found := projector.trouble) is None:
            await asyncio.sleep(0)
    place.faults.recover()
    assert await projector.applied(positions, SOON)
    assert [*troubles, found, projector.trouble] == [None, "no space left", None]


async def test_an_error_that_is_no_outage_stops_it_and_wakes_who_waits(place: Place) -> None:
    projector = await place.start()
    place.faults.fail_next(lambda: RuntimeError("a bug"))
    positions = await place.append(RunCreated(at=1.0))
    with pytest.raises(RuntimeError, match="a bug"):
        await projector.applied(positions, SOON)
    assert isinstance(projector.failed, RuntimeError)
    with pytest.raises(RuntimeError, match="a bug"):
        await projector.join()


async def test_invalid_events_go_to_the_dead_letters_and_do_not_stop_it(place: Place) -> None:
    projector = await place.start()
    await place.append_garbage()
    assert await projector.applied(await place.append(RunCreated(at=1.0)), SOON)
    (letter,) = place.log.records(DEAD_LETTERS)
    partition = partition_for(RUNS_TOPIC, "a")
    assert letter.key == f"1:{RUNS_TOPIC}:{partition}:0"
    assert await place.ids(V1.collection(RUNS)) == ["a"]


async def test_one_dead_letter_above_the_limit_stops_it_behind_its_batch(place: Place) -> None:
    projector = await place.start()
    positions = await place.append_garbage(3)
    with pytest.raises(TooManyDeadLetters, match="3 invalid events since the start, more than 2"):
        await projector.applied(positions, SOON)
    (checkpoint,) = (await place.documents.checkpoints(V1.view)).values()
    assert checkpoint.offset == positions[-1].offset
    assert len(place.log.records(DEAD_LETTERS)) == 3
    again = await place.start()
    assert await again.applied(await place.append(RunCreated(at=1.0)), SOON)


async def test_more_dead_letters_than_many_limits_are_passed_by_a_start_for_each_batch(place: Place) -> None:
    await place.append_garbage(12)  # two full batches and two records
    await place.append(RunCreated(at=1.0))
    for _ in range(2):
        projector = await place.start()
        with pytest.raises(TooManyDeadLetters):
            await projector.caught_up(SOON)
    projector = await place.start()
    assert await projector.caught_up(SOON)
    assert await place.ids(V1.collection(RUNS)) == ["a"]
    letters = [letter.key for letter in place.log.records(DEAD_LETTERS)]
    assert len(set(letters)) == len(letters) == 12


async def test_views_of_another_generation_are_refused(place: Place) -> None:
    projector = await bootstrap.in_process(place.log, place.log, place.documents, place.columns, QUICK)
    await place.documents.commit([], [Checkpoint(V1.view, 2, RUNS_TOPIC, 0, 7)])
    with pytest.raises(LogMismatch, match="generation 2"):
        await projector.start()


async def test_no_partition_starves(place: Place) -> None:
    """A run that writes without end must not keep the catalog waiting."""
    projector = await bootstrap.in_process(place.log, place.log, place.documents, place.columns, QUICK)
    await projector.load()
    await place.append(*[RunRenamed(name="n", by="client")] * 200)
    await place.append(TagCreated(tag_id="t", name="t"))
    catalog = TopicPartition(CATALOG, 0)
    rounds = 0
    while projector.next_offsets()[catalog] == 0:
        await projector.round()
        rounds += 1
        assert rounds <= 13


async def test_waiting_ends_after_its_time(place: Place) -> None:
    projector = await place.start()
    future: Sequence[Position] = [Position(1, CATALOG, 0, 5)]
    assert not await projector.applied(future, 0.01)
