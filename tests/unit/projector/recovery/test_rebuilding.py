import asyncio
import random

import pytest
from tests.fakes import Crash, FakeColumns, FakeDocuments, FakeEventLog, Faults
from tests.replay.delivering import deliver_all
from tests.replay.random_log import random_records

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from contracts.tables import RUNS, TABLES, VIEW_COLLECTIONS, VIEWS, ViewNames
from contracts.topics import DEAD_LETTERS
from projector.bootstrap import in_process
from projector.recovery import rebuilding
from projector.recovery.dump import dump_view
from projector.recovery.rebuilding import RebuildProgress, rebuild
from projector.recovery.status import views_status
from projector.recovery.views import drop_left_over, make_view, prepare_views
from projector.runner.batch import Projection
from projector.runner.dead_letters import CollectedDeadLetters
from projector.runner.inprocess import InProcessProjector, RoundLimits
from stores.errors import StoreUnavailable
from stores.eventlog.port import Record
from stores.views import live_view

V1, V2, V3 = ViewNames(1), ViewNames(2), ViewNames(3)


class Place:
    def __init__(self) -> None:
        self.faults = Faults()
        self.log: FakeEventLog = FakeEventLog()
        self.documents = FakeDocuments(one_by_one=True, faults=self.faults)
        self.columns: FakeColumns = FakeColumns(self.faults)

    async def fill(self, count: int = 300) -> None:
        await self.log.append(random_records(1, count))
        await self.follow()

    async def follow(self) -> None:
        """What the projector does: the live version gets what the log holds."""
        names = await prepare_views(self.documents, self.columns)
        projection = Projection(names, 1, self.documents, self.columns, CollectedDeadLetters())
        await deliver_all(projection, self.log, random.Random(2))


@pytest.fixture
async def place() -> Place:
    place = Place()
    await place.fill()
    return place


async def test_a_rebuilt_version_is_equal_to_the_letter_and_live(place: Place) -> None:
    before = await dump_view(place.documents, place.columns, V1)
    report = await rebuild(place.log, place.documents, place.columns)
    assert (report.previous, report.version, report.records) == (1, 2, 300)
    assert await live_view(place.documents) == V2
    after = await dump_view(place.documents, place.columns, V2)
    assert after.differences(before) == []
    assert after == before


async def test_invalid_events_are_reported_and_nothing_is_appended(place: Place) -> None:
    report = await rebuild(place.log, place.documents, place.columns)
    assert len(report.invalid) > 3
    assert place.log.records(DEAD_LETTERS) == []


async def test_progress_tells_of_done_and_total(place: Place) -> None:
    seen: list[RebuildProgress] = []
    await rebuild(place.log, place.documents, place.columns, on_progress=seen.append)
    assert (seen[0].done, seen[-1].done) == (0, 300)
    assert {each.total for each in seen} == {300}


class BusyLog(FakeEventLog):
    """Clients write something during each read, as long as they are there."""

    def __init__(self) -> None:
        super().__init__()
        self.clients = False
        self.sent = 0

    async def read(
        self, partition: TopicPartition, offset: int, *, max_records: int = 2_000, max_bytes: int = 8 << 20
    ) -> list[Record]:
        found = await super().read(partition, offset, max_records=max_records, max_bytes=max_bytes)
        if self.clients:
            self.sent += 1
            await self.append(random_records(100 + self.sent, 2))
        return found


async def test_a_rebuild_ends_while_clients_write_and_the_projector_makes_up_for_it() -> None:
    place = Place()
    place.log = log = BusyLog()
    await place.fill()
    log.clients = True
    async with asyncio.timeout(20):
        report = await rebuild(place.log, place.documents, place.columns)
    log.clients = False
    assert report.records >= 300
    assert await live_view(place.documents) == V2
    assert (await views_status(place.log, place.documents, place.columns)).lag > 0
    await place.follow()
    assert (await views_status(place.log, place.documents, place.columns)).lag == 0
    names = ViewNames(9)
    await make_view(place.documents, place.columns, names)
    projection = Projection(names, 1, place.documents, place.columns, CollectedDeadLetters())
    await deliver_all(projection, place.log, random.Random(3))
    expected = await dump_view(place.documents, place.columns, names)
    assert (await dump_view(place.documents, place.columns, V2)).differences(expected) == []


async def test_a_log_longer_than_a_round_is_held_to_its_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "_ROUND", RoundLimits(records=7))
    report = await rebuild(place.log, place.documents, place.columns)
    assert report.records == 300
    assert (await views_status(place.log, place.documents, place.columns)).lag == 0


async def test_the_old_version_stays_unless_it_is_to_be_dropped(place: Place) -> None:
    assert (await rebuild(place.log, place.documents, place.columns)).dropped == ()
    assert await place.documents.count(V1.collection(RUNS)) > 0
    assert (await views_status(place.log, place.documents, place.columns)).left_over == (1,)
    report = await rebuild(place.log, place.documents, place.columns, drop_previous=True)
    assert report.dropped == (1, 2)
    assert await live_view(place.documents) == V3
    for names in (V1, V2):
        await nothing_is_left(place, names)
    assert (await views_status(place.log, place.documents, place.columns)).left_over == ()


async def nothing_is_left(place: Place, names: ViewNames) -> None:
    assert [each for each in VIEW_COLLECTIONS if await place.documents.count(names.collection(each))] == []
    assert await place.documents.checkpoints(names.view) == {}
    assert [table for table in TABLES if await place.columns.has_table(names.table(table))] == []


class StubbornColumns(FakeColumns):
    """Dies when it is to remove a certain table."""

    def __init__(self) -> None:
        super().__init__()
        self.keeps = ""

    async def execute(self, statement: str) -> None:
        if self.keeps and statement == f"DROP TABLE IF EXISTS {self.keeps}":
            raise Crash
        await super().execute(statement)


@pytest.mark.parametrize("table", TABLES)
async def test_what_a_crash_left_of_an_older_version_is_shown_and_dropped(table: str) -> None:
    place = Place()
    place.columns = columns = StubbornColumns()
    await place.fill()
    columns.keeps = V1.table(table)
    with pytest.raises(Crash):
        await rebuild(place.log, place.documents, place.columns, drop_previous=True)
    columns.keeps = ""
    assert await live_view(place.documents) == V2
    assert (await views_status(place.log, place.documents, place.columns)).left_over == (1,)
    live = await dump_view(place.documents, place.columns, V2)
    assert (await drop_left_over(place.documents, place.columns)).versions == (1,)
    await nothing_is_left(place, V1)
    assert await dump_view(place.documents, place.columns, V2) == live
    assert (await drop_left_over(place.documents, place.columns)).versions == ()


async def test_dropping_leaves_a_version_that_is_being_made(place: Place) -> None:
    async def drop() -> None:
        assert (await drop_left_over(place.documents, place.columns)).versions == ()

    await rebuild(place.log, place.documents, place.columns, before_switch=drop)
    assert (await views_status(place.log, place.documents, place.columns)).lag == 0


async def test_an_interrupted_rebuild_leaves_the_live_version_and_is_resumed(place: Place) -> None:
    before = await dump_view(place.documents, place.columns, V1)
    place.faults.fail_at(len(place.faults.reached) + 150)
    with pytest.raises(Crash):
        await rebuild(place.log, place.documents, place.columns)
    assert await live_view(place.documents) == V1
    assert (await views_status(place.log, place.documents, place.columns)).rebuilding == 2
    report = await rebuild(place.log, place.documents, place.columns)
    assert report.version == 2
    assert (await dump_view(place.documents, place.columns, V2)).differences(before) == []
    assert (await views_status(place.log, place.documents, place.columns)).rebuilding is None


async def test_a_fresh_rebuild_throws_an_unfinished_one_away(place: Place) -> None:
    async def refuse() -> None:
        raise StoreUnavailable("not now")

    with pytest.raises(StoreUnavailable, match="not now"):
        await rebuild(place.log, place.documents, place.columns, before_switch=refuse)
    assert await live_view(place.documents) == V1
    seen: list[RebuildProgress] = []
    await rebuild(place.log, place.documents, place.columns, on_progress=seen.append, fresh=True)
    assert seen[0].done == 0
    assert await live_view(place.documents) == V2


async def test_a_resumed_rebuild_does_not_read_again_what_it_holds(place: Place) -> None:
    async def refuse() -> None:
        raise StoreUnavailable("not now")

    with pytest.raises(StoreUnavailable):
        await rebuild(place.log, place.documents, place.columns, before_switch=refuse)
    seen: list[RebuildProgress] = []
    await rebuild(place.log, place.documents, place.columns, on_progress=seen.append)
    assert seen[0].done == 300


async def test_the_projector_goes_on_with_the_new_version(place: Place) -> None:
    await rebuild(place.log, place.documents, place.columns)
    await place.log.append(random_records(9, 100))
    await place.follow()
    status = await views_status(place.log, place.documents, place.columns)
    assert (status.version, status.lag) == (2, 0)


async def test_a_projector_that_found_the_old_version_before_the_switch_does_not_start(place: Place) -> None:
    started: list[InProcessProjector] = []

    async def start_one() -> None:
        started.append(await in_process(place.log, place.log, place.documents, place.columns))

    await rebuild(place.log, place.documents, place.columns, before_switch=start_one)
    with pytest.raises(LogMismatch, match="version 2 is live now, and not version 1"):
        await started[0].start()


async def test_partitions_that_come_after_a_switch_are_not_written_into_the_old_version(place: Place) -> None:
    projection = Projection(V1, 1, place.documents, place.columns, CollectedDeadLetters(), live=True)
    await deliver_all(projection, place.log, random.Random(4))
    await rebuild(place.log, place.documents, place.columns)
    before = await dump_view(place.documents, place.columns, V1)
    await place.log.append(random_records(9, 100))
    await projection.forget()
    with pytest.raises(LogMismatch, match="version 2 is live now"):
        await deliver_all(projection, place.log, random.Random(5))
    assert await dump_view(place.documents, place.columns, V1) == before


async def test_status_counts_what_the_views_do_not_hold(place: Place) -> None:
    await place.log.append(random_records(9, 40))
    status = await views_status(place.log, place.documents, place.columns)
    assert (status.version, status.lag, status.generation, status.rebuilding) == (1, 40, 1, None)
    assert len(status.partitions) == 13
    assert status.counts["runs"] == await place.documents.count(V1.collection(RUNS))
    assert status.counts["points"] > 0


async def test_preparing_twice_changes_nothing(place: Place) -> None:
    before = await dump_view(place.documents, place.columns, V1)
    assert await prepare_views(place.documents, place.columns) == V1
    assert await dump_view(place.documents, place.columns, V1) == before
    assert await place.documents.count(VIEWS.name) == 1
