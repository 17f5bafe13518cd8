import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace
from tests.fakes import Crash, FakeColumns, FakeDocuments, FakeEventLog, Faults

from contracts.blobs import Blob
from contracts.envelope import Header, Recorded, encode
from contracts.errors import LogMismatch
from contracts.events import (
    ArtifactAdded,
    CatalogEvent,
    Event,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentNoteAdded,
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    MetricsTracked,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    ParamsSet,
    ReportSaved,
    RunCreated,
    RunDeleted,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunPurged,
    RunRenamed,
    Series,
    Text,
    TombstoneCleared,
)
from contracts.keys import artifact_id, data_key
from contracts.metric_points import MetricColumns, pack_columns
from contracts.position import Position, TopicPartition
from contracts.tables import (
    EXPERIMENT_NOTES,
    EXPERIMENTS,
    HISTORY,
    RUN_ARTIFACTS,
    RUN_NOTES,
    RUN_STATES,
    RUNS,
    TABLES,
    TRASH,
    VIEW_COLLECTIONS,
    ViewNames,
)
from contracts.topics import CATALOG, CATALOG_KEY, DEAD_LETTERS
from contracts.topics import RUNS as RUNS_TOPIC
from projector.recovery.views import make_view
from projector.runner.batch import Projection, ProjectionLimits
from projector.runner.dead_letters import AppendedDeadLetters, CollectedDeadLetters
from projector.runner.retrying import BackOff
from stores.documents.port import Checkpoint
from stores.errors import LogFull, StoreUnavailable
from stores.eventlog.port import Record

V1 = ViewNames(1)
AT_ONCE = ProjectionLimits(back_off=BackOff(first_seconds=0.0, longest_seconds=0.0))


class Stores:
    def __init__(self, *, one_by_one: bool = False) -> None:
        self.faults = Faults()
        self.documents = FakeDocuments(one_by_one=one_by_one, faults=self.faults)
        self.columns = FakeColumns(self.faults)
        self.letters = CollectedDeadLetters()

    async def projection(self) -> Projection:
        await make_view(self.documents, self.columns, V1)
        return Projection(V1, 1, self.documents, self.columns, self.letters, limits=AT_ONCE)

    async def ids(self, collection: str) -> list[str]:
        return [each["_id"] async for batch in self.documents.find(collection) for each in batch]


def record(offset: int, event: Event, key: str = "a", *, generation: int = 1, written_for: int = 1) -> Record:
    topic = CATALOG if isinstance(event, CatalogEvent) else RUNS_TOPIC
    key = CATALOG_KEY if topic == CATALOG else key
    header = Header(id=f"{topic}-{offset}", key=key, recorded_at=100.0 + offset, generation=written_for)
    return Record(Position(generation, topic, 0, offset), key, encode(Recorded(header=header, event=event)))


def points(*steps: int) -> MetricsTracked:
    n = len(steps)
    floats = np.arange(n, dtype=np.float64)
    columns = MetricColumns(np.zeros(n, np.int64), np.array(steps, np.int64), floats, floats, floats)
    return MetricsTracked(series=(Series("loss", {}),), count=n, points=pack_columns(columns))


def begun(count: int) -> Sequence[Record]:
    return [record(0, RunCreated(at=1.0)), *(record(n, RunRenamed(name=str(n))) for n in range(1, count))]


async def test_a_batch_writes_each_run_once_and_all_points_in_one_insert() -> None:
    stores = Stores(one_by_one=True)
    projection = await stores.projection()
    batch = [record(0, RunCreated(at=1.0)), record(1, points(0, 1)), record(2, points(2)), record(3, points(3), "b")]
    report = await projection.apply(batch)
    assert (report.applied, report.points, stores.columns.inserts) == (4, 4, 1)
    # Two runs with three documents each, and the history of the one event that is no bulk.
    assert stores.faults.reached.count("documents.write") == 7


async def test_each_kind_of_rows_is_one_insert_and_is_counted() -> None:
    stores = Stores()
    projection = await stores.projection()
    text = ObjectRow(0, 0, None, 1.0, False, (Text("x"),))
    objects = ObjectsTracked(series=(ObjectSeries("texts", "a", {}),), rows=(text,))
    lines = LogLinesAppended(lines=(LogLine(0, "a"), LogLine(1, "b"), LogLine(1, "c")))
    records = LogRecordsAppended(records=(LogRecord("m", 20, 1.0),))
    events = [points(0, 1), objects, lines, records, objects, lines, records, points(2)]
    report = await projection.apply([record(offset, event) for offset, event in enumerate(events)])
    assert (report.points, report.objects, report.lines, report.records) == (3, 2, 4, 2)
    assert stores.columns.inserts == 4
    assert [await stores.columns.count_rows(V1.table(table)) for table in TABLES] == [3, 1, 2, 2]


async def test_a_note_that_is_added_and_removed_in_one_batch_is_gone() -> None:
    stores = Stores(one_by_one=True)
    projection = await stores.projection()
    added = RunNoteAdded(note_id="n", content="a", at=1.0)
    edited = RunNoteEdited(note_id="n", content="b", at=2.0)
    events = [RunCreated(at=1.0), added, edited, RunNoteDeleted(note_id="n")]
    await projection.apply([record(offset, event) for offset, event in enumerate(events[:3])])
    assert await stores.ids(V1.collection(RUN_NOTES)) == ["n"]
    await projection.apply([record(3, events[3])])
    assert await stores.ids(V1.collection(RUN_NOTES)) == []
    again = await (Stores(one_by_one=True)).projection()
    assert (await again.apply([record(offset, event) for offset, event in enumerate(events)])).applied == 4


FULL_RUN: list[Event] = [
    RunCreated(at=100.0),
    ParamsSet(path=("lr",), value=0.1),
    RunNoteAdded(note_id="note", content="x", at=100.0),
    ArtifactAdded(path="seq/a/0.png", name="0.png", blob=Blob(hash="0" * 64)),
    LogLinesAppended(lines=(LogLine(0, "x"),)),
    LogRecordsAppended(records=(LogRecord("x", 20, 100.0),)),
    ObjectsTracked(series=(ObjectSeries("texts", "t", {}),), rows=(ObjectRow(0, 0, None, 1.0, False, (Text("x"),)),)),
]


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("in_one_batch", [False, True])
async def test_a_purge_leaves_nothing_of_its_incarnation_and_everything_of_the_next(
    one_by_one: bool, in_one_batch: bool
) -> None:
    stores = Stores(one_by_one=one_by_one)
    projection = await stores.projection()
    following = [replace(each, note_id="newer") if isinstance(each, RunNoteAdded) else each for each in FULL_RUN]
    log: list[Event] = [*FULL_RUN, points(0, 1), RunDeleted(), TombstoneCleared(), *following, points(5)]
    log.append(RunPurged(incarnation=1))
    records = [record(offset, event) for offset, event in enumerate(log)]
    if in_one_batch:
        await projection.apply(records)
    else:
        for one in records:
            await projection.apply([one])
    assert [await stores.columns.count_rows(V1.table(table)) for table in TABLES] == [1, 1, 1, 1]
    assert await stores.columns.read_points(V1.points, ["loss"], [data_key("a", 1)]) == []
    assert await stores.ids(V1.collection(RUN_NOTES)) == ["newer"]
    assert await stores.ids(V1.collection(RUN_ARTIFACTS)) == [artifact_id("a", 2, "seq/a/0.png")]
    run = await stores.documents.get(V1.collection(RUNS), "a")
    assert run is not None
    assert (run["incarnation"], run["phase"]) == (2, "live")
    assert await stores.ids(V1.collection(TRASH)) == ["a:1"]


@pytest.mark.parametrize("in_one_batch", [False, True])
async def test_a_purged_run_is_in_no_view_but_the_trash_and_the_history(in_one_batch: bool) -> None:
    stores = Stores()
    projection = await stores.projection()
    log: list[Event] = [*FULL_RUN, points(0), RunDeleted(), RunPurged(incarnation=1)]
    records = [record(offset, event) for offset, event in enumerate(log)]
    for batch in [records] if in_one_batch else [[one] for one in records]:
        await projection.apply(batch)
    assert [await stores.columns.count_rows(V1.table(table)) for table in TABLES] == [0, 0, 0, 0]
    holding = {each.name for each in VIEW_COLLECTIONS if await stores.documents.count(V1.collection(each))}
    assert holding == {RUN_STATES.name, TRASH.name, HISTORY.name}


async def test_what_was_applied_is_dropped_when_it_comes_again() -> None:
    stores = Stores()
    projection = await stores.projection()
    records = begun(4)
    await projection.apply(records[:3])
    report = await projection.apply(records)
    assert (report.applied, report.repeated) == (1, 3)
    again = await projection.apply(records)
    assert (again.applied, again.repeated) == (0, 4)


async def test_a_gap_is_refused_and_changes_nothing() -> None:
    stores = Stores()
    projection = await stores.projection()
    records = begun(4)
    await projection.apply(records[:2])
    with pytest.raises(LogMismatch, match="came with offset 3, but view v1 needs 2"):
        await projection.apply(records[3:])
    with pytest.raises(LogMismatch, match="offset 1"):
        await (await Stores().projection()).apply(records[1:])
    assert len(await stores.ids(V1.collection(HISTORY))) == 2


async def test_a_gap_within_a_batch_is_refused() -> None:
    records = begun(4)
    with pytest.raises(LogMismatch, match="needs 1"):
        await (await Stores().projection()).apply([records[0], records[2]])


async def test_another_generation_is_refused() -> None:
    with pytest.raises(LogMismatch, match="generation 2"):
        await (await Stores().projection()).apply([record(0, RunCreated(at=1.0), generation=2)])
    with pytest.raises(LogMismatch, match="written for generation 3"):
        await (await Stores().projection()).apply([record(0, RunCreated(at=1.0), written_for=3)])


async def test_columns_come_before_documents_and_these_before_checkpoints() -> None:
    stores = Stores(one_by_one=True)
    projection = await stores.projection()
    await projection.apply([record(0, points(0))])
    order = [place for place in stores.faults.reached if not place.endswith("get")]
    assert order[:3] == ["columns.before", "columns.after", "documents.before"]
    assert order[-2:] == ["documents.checkpoint", "documents.after"]


async def test_a_zombie_stops_when_another_process_moved_the_checkpoint() -> None:
    stores = Stores()
    projection = await stores.projection()
    records = begun(6)
    await projection.apply(records[:2])
    await stores.documents.commit([], [Checkpoint(V1.view, 1, RUNS_TOPIC, 0, 5)])
    with pytest.raises(LogMismatch):
        await projection.apply(records[2:4])
    # What it remembers is thrown away then: the same call again sees where the other process is.
    assert (await projection.apply(records[2:4])).repeated == 2


async def test_forgetting_makes_it_read_the_checkpoints_again() -> None:
    stores = Stores()
    first, second = await stores.projection(), await stores.projection()
    records = begun(6)
    await first.apply(records[:2])
    await second.apply(records[:4])
    await first.forget()
    assert await first.next_offsets() == {TopicPartition(RUNS_TOPIC, 0): 4}
    await first.apply(records[4:])
    run = await stores.documents.get(V1.collection(RUNS), "a")
    assert run is not None
    assert run["name"] == "5"


async def test_a_cancelled_batch_is_done_again_from_what_is_stored() -> None:
    stores = Stores(one_by_one=True)
    projection = await stores.projection()
    records = begun(5)
    await projection.apply(records[:2])
    stores.faults.fail_at(len(stores.faults.reached) + 3, Crash)
    with pytest.raises(Crash):
        await projection.apply(records[2:])
    report = await projection.apply(records[2:])
    assert report.applied == 3
    run = await stores.documents.get(V1.collection(RUNS), "a")
    assert run is not None
    assert run["name"] == "4"


async def test_the_state_carries_the_version_of_the_last_event_even_if_ignored() -> None:
    stores = Stores()
    projection = await stores.projection()
    await projection.apply([record(0, RunCreated(at=1.0)), record(1, RunRenamed(name="x"))])
    state = await stores.documents.get(V1.collection(RUN_STATES), "a")
    assert state is not None
    assert state["_v"] == Position(1, RUNS_TOPIC, 0, 1).version


async def test_an_edit_of_a_run_that_never_began_is_ignored_with_its_code() -> None:
    stores = Stores()
    projection = await stores.projection()
    report = await projection.apply([record(0, RunRenamed(name="x"))])
    assert report.ignored == 1
    entry = await stores.documents.get(V1.collection(HISTORY), f"{RUNS_TOPIC}-0")
    assert entry is not None
    assert (entry["outcome"], entry["code"]) == ("ignored", "not_found")
    assert await stores.ids(V1.collection(RUNS)) == []


async def test_an_invalid_event_is_in_the_history_where_no_other_of_the_catalog_is_in_its_batch() -> None:
    stores = Stores()
    projection = await stores.projection()
    header = Header(id="misplaced", key="a", recorded_at=1.0, generation=1)
    misplaced = Record(Position(1, CATALOG, 0, 0), "a", encode(Recorded(header=header, event=RunDeleted())))
    assert (await projection.apply([misplaced])).invalid == 1
    assert await stores.ids(V1.collection(HISTORY)) == ["misplaced"]


async def test_what_a_crash_left_of_a_removal_is_removed_before_anything_is_decided() -> None:
    created = [
        record(0, ExperimentCreated(experiment_id="e", name="x", at=1.0)),
        record(1, ExperimentNoteAdded(experiment_id="e", note_id="n", content="c", at=1.0)),
    ]
    after = [
        record(2, ExperimentDeleted(experiment_id="e")),
        record(3, ExperimentCreated(experiment_id="f", name="x", at=2.0)),
    ]
    for place in range(1, 12):
        stores = Stores(one_by_one=True)
        await (await stores.projection()).apply(created)
        stores.faults.fail_at(len(stores.faults.reached) + place, Crash)
        try:
            await (await stores.projection()).apply(after)
        except Crash:
            await (await stores.projection()).apply(after)
        assert await stores.ids(V1.collection(EXPERIMENTS)) == ["f"], place
        assert await stores.ids(V1.collection(EXPERIMENT_NOTES)) == []
        entries = [each async for batch in stores.documents.find(V1.collection(HISTORY)) for each in batch]
        assert [entry["outcome"] for entry in entries] == ["applied"] * 4


async def test_an_invalid_event_whose_envelope_can_be_read_is_in_the_history() -> None:
    stores = Stores()
    projection = await stores.projection()
    bad = MetricsTracked(series=(Series("loss", {}),), count=5, points=b"?")
    misplaced = record(1, RunCreated(at=1.0))._replace(key="other")
    report = await projection.apply([record(0, bad), misplaced])
    assert report.invalid == 2
    for offset in (0, 1):
        entry = await stores.documents.get(V1.collection(HISTORY), f"{RUNS_TOPIC}-{offset}")
        assert entry is not None
        assert (entry["outcome"], entry["key"]) == ("invalid", "a")
    assert [letter.id for letter in stores.letters.letters] == [f"1:{RUNS_TOPIC}:0:0", f"1:{RUNS_TOPIC}:0:1"]


async def test_an_invalid_event_of_the_catalog_is_in_the_history_also_alone_in_its_batch() -> None:
    stores = Stores()
    report = await (await stores.projection()).apply([record(0, ReportSaved(report_id="r", new=True, at=1.0))])
    assert report.invalid == 1
    entry = await stores.documents.get(V1.collection(HISTORY), f"{CATALOG}-0")
    assert entry is not None
    assert (entry["outcome"], entry["key"], entry["reason"]) == ("invalid", CATALOG_KEY, "a report needs a name")


async def test_a_dead_letter_is_safe_before_the_checkpoint_passes_its_record() -> None:
    stores = Stores()
    log = FakeEventLog(faults=stores.faults)
    await make_view(stores.documents, stores.columns, V1)
    letters = AppendedDeadLetters(log, limit=5)
    projection = Projection(V1, 1, stores.documents, stores.columns, letters, limits=AT_ONCE)
    broken = Record(Position(1, RUNS_TOPIC, 0, 0), "a", b"?")
    start = len(stores.faults.reached)
    await projection.apply([broken])
    order = [place for place in stores.faults.reached[start:] if not place.endswith("get")]
    assert order == ["log.append", "documents.before", "documents.after"]
    assert len(log.records(DEAD_LETTERS)) == 1


async def test_the_log_being_full_is_waited_for_as_well() -> None:
    stores = Stores()
    log = FakeEventLog(faults=stores.faults)
    await make_view(stores.documents, stores.columns, V1)
    projection = Projection(V1, 1, stores.documents, stores.columns, AppendedDeadLetters(log, 5), limits=AT_ONCE)
    await projection.next_offsets()
    stores.faults.fail_next(lambda: LogFull("full"), times=3)
    assert (await projection.apply([Record(Position(1, RUNS_TOPIC, 0, 0), "a", b"?")])).invalid == 1


async def test_calls_at_the_same_time_are_applied_one_after_the_other() -> None:
    stores = Stores()
    projection = await stores.projection()
    records = begun(20)
    reports = await asyncio.gather(projection.apply(records[:10]), projection.apply(records[10:]))
    assert sum(report.applied for report in reports) == 20


async def test_a_store_that_fails_in_the_middle_is_tried_again_in_place() -> None:
    stores = Stores(one_by_one=True)
    projection = await stores.projection()
    experiments = [ExperimentCreated(experiment_id=f"e{n}", name=f"n{n}", at=1.0) for n in range(3)]
    batch = [record(n, event) for n, event in enumerate(experiments)] + [record(0, ParamsSet(path=("a",), value=1))]
    for ahead in (1, 3, 5, 8, 13):
        stores.faults.fail_at(len(stores.faults.reached) + ahead, lambda: StoreUnavailable("away"))
    report = await projection.apply(batch)
    assert report.applied == 4
    assert await stores.ids(V1.collection(EXPERIMENTS)) == ["e0", "e1", "e2"]
