"""The Faust worker on a real broker: whatever happens to it, the views come out as those of the in-process loop."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer
from prometheus_client import CollectorRegistry
from tests.fakes import FakeColumns, FakeDocuments, Faults
from tests.replay.delivering import NAMES, NO_WAITING
from tests.replay.random_log import random_records
from tests.servers.clickhouse import ClickHouseServer, run_clickhouse
from tests.servers.kafka import KafkaServer, run_kafka
from tests.servers.mongo import MongoServer

from contracts.errors import LogMismatch
from contracts.tables import ViewNames
from contracts.topics import RUNS, event_partitions
from projector import bootstrap, cluster
from projector.errors import ConsumerDied
from projector.recovery.dump import ViewDump, dump_view
from projector.recovery.rebuilding import rebuild
from projector.recovery.views import prepare_views
from projector.runner.batch import Projection, ProjectionLimits
from projector.runner.dead_letters import CollectedDeadLetters
from projector.runner.faust_worker import FaustSettings, FaustWorker
from projector.runner.inprocess import InProcessProjector
from projector.settings import ClusterSettings
from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import Columns
from stores.documents.mongo import MongoDocuments
from stores.documents.port import Documents
from stores.documents.sqlite import SqliteDocuments
from stores.errors import StoreUnavailable
from stores.eventlog.kafka import KafkaEventLogWriter
from stores.eventlog.kafka_groups import GroupOffsets
from stores.eventlog.kafka_reader import KafkaEventLogReader
from stores.eventlog.kafka_topics import create_topics
from stores.eventlog.port import NewRecord, Record
from stores.eventlog.sqlite import SqliteEventLog
from stores.views import set_live_view

pytestmark = pytest.mark.kafka

PATIENCE_SECONDS = 60.0


class Log:
    """The broker's log. It grows from test to test; each test has its own group and its own stores."""

    def __init__(self, bootstrap: str, writer: KafkaEventLogWriter, reader: KafkaEventLogReader) -> None:
        self.bootstrap = bootstrap
        self.writer = writer
        self.reader = reader
        self.group = f"projector-{uuid.uuid4().hex}"

    async def append(self, count: int, seed: int | None = None) -> None:
        await self.writer.append(random_records(random.randrange(1 << 30) if seed is None else seed, count))

    async def records(self) -> list[Record]:
        """All of it, partition by partition."""
        found: list[Record] = []
        ends = await self.reader.end_offsets()
        for partition in event_partitions():
            offset = 0
            while offset < ends[partition]:
                part = await self.reader.read(partition, offset)
                offset += len(part)
                found += part
        return found

    def offsets(self) -> GroupOffsets:
        return GroupOffsets(self.bootstrap, self.group, {})


class Stores:
    """The stores that outlive a worker. `projection` is of one worker's life."""

    def __init__(self, documents: Documents, columns: Columns) -> None:
        self.documents = documents
        self.columns = columns
        self.names = NAMES

    @classmethod
    async def in_memory(cls, faults: Faults | None = None) -> "Stores":
        stores = cls(FakeDocuments(one_by_one=True, faults=faults), FakeColumns(faults))
        await prepare_views(stores.documents, stores.columns)
        return stores

    def projection(self) -> Projection:
        limits = ProjectionLimits(back_off=NO_WAITING)
        letters = CollectedDeadLetters()
        return Projection(self.names, 1, self.documents, self.columns, letters, live=True, limits=limits)

    async def dump(self) -> ViewDump:
        return await dump_view(self.documents, self.columns, self.names)

    async def records_held(self) -> int:
        return sum(each.offset + 1 for each in (await self.documents.checkpoints(self.names.view)).values())


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """Its own, since these tests read a log from its first record."""
    with run_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture
def points_server(tmp_path: Path) -> Iterator[ClickHouseServer]:
    """Its own, since the names of tables are fixed and other tests have some."""
    with run_clickhouse(tmp_path / "clickhouse") as server:
        yield server


@pytest.fixture
async def log(broker: KafkaServer) -> AsyncIterator[Log]:
    await create_topics(broker.bootstrap, 1, 1)
    writer = await KafkaEventLogWriter.open(broker.bootstrap, 1)
    reader = await KafkaEventLogReader.open(broker.bootstrap, 1)
    yield Log(broker.bootstrap, writer, reader)
    await writer.close()
    await reader.close()


@pytest.fixture
def make_worker(log: Log) -> Callable[..., FaustWorker]:
    def make(projection: Projection, **changes: float) -> FaustWorker:
        settings = FaustSettings(bootstrap=log.bootstrap, group=log.group, generation=1, stop_seconds=0.2)
        for name, value in changes.items():
            settings = FaustSettings(**{**{f: getattr(settings, f) for f in settings.__struct_fields__}, name: value})
        return FaustWorker(settings, projection)

    return make


@asynccontextmanager
async def working(worker: FaustWorker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        await worker.stop()
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        assert task.done()


async def until(condition: Callable[[], Awaitable[bool]], task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            if task.done():
                task.result()
            await asyncio.sleep(0.02)


async def expected_views(log: Log) -> ViewDump:
    """What the in-process loop makes of the same log."""
    stores = await Stores.in_memory()
    projector = InProcessProjector(log.reader, stores.projection())
    await projector.load()
    while await projector.round() is not None:
        pass
    return await stores.dump()


async def follow_to_the_end(log: Log, stores: Stores, worker: FaustWorker) -> None:
    total = len(await log.records())

    async def reached() -> bool:
        try:
            return await stores.records_held() == total
        except StoreUnavailable:
            return False

    async with working(worker) as task:
        await until(reached, task)


MakeWorker = Callable[..., FaustWorker]


async def test_it_follows_the_log_and_commits_no_more_than_the_views_hold(log: Log, make_worker: MakeWorker) -> None:
    await log.append(500)
    stores = await Stores.in_memory()
    projection = stores.projection()
    await follow_to_the_end(log, stores, make_worker(projection))
    assert (await stores.dump()).differences(await expected_views(log)) == []
    assert await log.offsets().hold_back(projection.next_offsets) == {}


async def test_an_error_in_the_sink_ends_the_worker_and_loses_nothing(log: Log, make_worker: MakeWorker) -> None:
    """Pinned: Faust would acknowledge what an agent was handed, and start it again behind the events it lost."""
    await log.append(300)
    faults = Faults()
    stores = await Stores.in_memory(faults)
    for _ in range(3):
        projection = stores.projection()
        faults.fail_at(len(faults.reached) + 40, lambda: RuntimeError("a bug"))
        worker = make_worker(projection, batch_records=50)
        with pytest.raises(RuntimeError, match="a bug"):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await worker.run()
        assert isinstance(worker.failed, RuntimeError)
        assert await log.offsets().hold_back(projection.next_offsets) == {}
    await follow_to_the_end(log, stores, make_worker(stores.projection()))
    assert (await stores.dump()).differences(await expected_views(log)) == []


class SlowDocuments(FakeDocuments):
    """A commit that hangs when it is told to."""

    def __init__(self) -> None:
        super().__init__(one_by_one=True)
        self.hanging = asyncio.Event()
        self.commits_before_hanging = 3

    async def commit(self, *arguments: object, **named: object) -> None:
        self.commits_before_hanging -= 1
        if self.commits_before_hanging == 0:
            self.hanging.set()
            await asyncio.Event().wait()
        await super().commit(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came


async def test_a_stop_in_the_middle_of_a_batch_loses_nothing(log: Log, make_worker: MakeWorker) -> None:
    """Pinned: Faust would acknowledge the batch that a stop cancels."""
    await log.append(300)
    documents = SlowDocuments()
    stores = Stores(documents, FakeColumns())
    await prepare_views(stores.documents, stores.columns)
    projection = stores.projection()
    worker = make_worker(projection, batch_records=40)
    async with working(worker) as task:
        await asyncio.wait({task, asyncio.ensure_future(documents.hanging.wait())}, return_when=asyncio.FIRST_COMPLETED)
        assert not task.done()
    await task
    assert await stores.records_held() < len(await log.records())
    assert await log.offsets().hold_back(projection.next_offsets) == {}
    await follow_to_the_end(log, stores, make_worker(stores.projection()))
    assert (await stores.dump()).differences(await expected_views(log)) == []


async def test_a_store_that_is_away_is_waited_for_without_acknowledging(log: Log, make_worker: MakeWorker) -> None:
    await log.append(200)
    faults = Faults()
    stores = await Stores.in_memory(faults)
    for place in range(len(faults.reached), len(faults.reached) + 2000, 9):
        faults.fail_at(place, lambda: StoreUnavailable("away"))
    await follow_to_the_end(log, stores, make_worker(stores.projection()))
    assert (await stores.dump()).differences(await expected_views(log)) == []


async def test_a_group_ahead_of_a_restored_store_is_set_back(log: Log, make_worker: MakeWorker) -> None:
    await log.append(200)
    before = await Stores.in_memory()
    await follow_to_the_end(log, before, make_worker(before.projection()))
    restored = await Stores.in_memory()
    await log.append(50)
    with pytest.raises(LogMismatch, match="needs 0 first"):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await make_worker(restored.projection()).run()
    projection = restored.projection()
    assert await log.offsets().hold_back(projection.next_offsets) != {}
    await follow_to_the_end(log, restored, make_worker(projection))
    assert (await restored.dump()).differences(await expected_views(log)) == []


async def test_a_group_with_members_cannot_be_set_back(log: Log, make_worker: MakeWorker) -> None:
    await log.append(50)
    stores = await Stores.in_memory()
    await follow_to_the_end(log, stores, make_worker(stores.projection()))
    assert not await log.offsets().has_members()
    empty = await Stores.in_memory()

    async def joined() -> bool:
        return await log.offsets().has_members()

    async with working(make_worker(stores.projection())) as task:
        await until(joined, task)
        with pytest.raises(StoreUnavailable, match="stop all its workers"):
            await log.offsets().hold_back(empty.projection().next_offsets)


async def test_a_key_that_is_no_text_is_the_same_dead_letter_to_the_worker_and_to_a_rebuild(
    log: Log, make_worker: MakeWorker
) -> None:
    producer = Producer({"bootstrap.servers": log.bootstrap})
    producer.produce(RUNS, value=b"whatever", key=b"run \xff", partition=0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    stores = await Stores.in_memory()
    letters = CollectedDeadLetters()
    projection = Projection(stores.names, 1, stores.documents, stores.columns, letters, live=True)
    await follow_to_the_end(log, stores, make_worker(projection))
    report = await rebuild(log.reader, stores.documents, stores.columns)
    assert [letter.key for letter in letters.letters].count("run \ufffd") == 1
    assert {letter.id: letter for letter in report.invalid} == {letter.id: letter for letter in letters.letters}


async def test_a_start_waits_for_a_store_that_is_away(log: Log) -> None:
    faults = Faults()
    stores = await Stores.in_memory(faults)
    opened = cluster.Stores(log.reader, log.writer, stores.documents, stores.columns, log.offsets())
    settings = ClusterSettings.from_environment(
        {
            "TALLYBOOK_KAFKA_BOOTSTRAP": log.bootstrap,
            "TALLYBOOK_KAFKA_GROUP": log.group,
            "TALLYBOOK_MONGO_URI": "mongodb://nowhere",
            "TALLYBOOK_CLICKHOUSE_DSN": "clickhouse://nowhere",
            "TALLYBOOK_WORKER_PORT": "0",
            "TALLYBOOK_RETRY_FIRST_SECONDS": "0.01",
        }
    )
    total = len(await log.records())

    async def held() -> bool:
        try:
            return await stores.records_held() == total
        except StoreUnavailable:
            return False

    faults.fail_next(lambda: StoreUnavailable("collections are being made by somebody else"), times=3)
    worker = cluster.Worker(settings, opened, CollectorRegistry())
    task = asyncio.create_task(worker.run())
    try:
        await until(held, task)
    finally:
        await worker.stop()
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
    await task


async def test_a_worker_ends_when_another_version_becomes_live(log: Log, make_worker: MakeWorker) -> None:
    """It need not be told by an event: there may come none for a long time."""
    await log.append(20)
    stores = await Stores.in_memory()
    total = len(await log.records())

    async def held() -> bool:
        return await stores.records_held() == total

    worker = make_worker(stores.projection(), live_seconds=0.1)
    async with working(worker) as task:
        await until(held, task)
        await set_live_view(stores.documents, ViewNames(2))
        with pytest.raises(LogMismatch, match="version 2 is live now"):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await task


async def test_what_a_worker_of_the_old_version_acknowledged_reaches_the_new_one(
    log: Log, make_worker: MakeWorker
) -> None:
    """Between the last round of a rebuild and its switch clients write, and a worker comes and goes."""
    await log.append(200)
    stores = await Stores.in_memory()
    await follow_to_the_end(log, stores, make_worker(stores.projection()))

    async def worker_comes_and_goes() -> None:
        await log.append(50)
        await follow_to_the_end(log, stores, make_worker(stores.projection()))

    await rebuild(log.reader, stores.documents, stores.columns, before_switch=worker_comes_and_goes)
    stores.names = await prepare_views(stores.documents, stores.columns)
    assert stores.names == ViewNames(2)
    assert await stores.records_held() == len(await log.records()) - 50
    projection = stores.projection()
    assert await log.offsets().hold_back(projection.next_offsets) != {}
    await follow_to_the_end(log, stores, make_worker(projection))
    assert (await stores.dump()).differences(await expected_views(log)) == []


class PacedDocuments(FakeDocuments):
    """Commits that take so long that a batch is always being written when partitions change hands."""

    async def commit(self, *arguments: object, **named: object) -> None:
        await asyncio.sleep(0.05)
        await super().commit(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came


async def test_members_that_come_and_go_lose_nothing(log: Log, make_worker: MakeWorker) -> None:
    """Two workers on the same stores: each join and leave hands partitions over in the middle of the work."""
    stores = Stores(PacedDocuments(one_by_one=True), FakeColumns())
    await prepare_views(stores.documents, stores.columns)

    async def held(records: int) -> None:
        async def reached() -> bool:
            return await stores.records_held() >= records

        await until(reached, task)

    async with working(make_worker(stores.projection(), batch_records=10)) as task:
        await log.append(600)
        await held(1)
        for _ in range(2):
            async with working(make_worker(stores.projection(), batch_records=10)):
                await held(await stores.records_held() + 200)
                await log.append(200)
        await log.append(100)
        await held(len(await log.records()))
    assert (await stores.dump()).differences(await expected_views(log)) == []


async def test_a_silent_consumer_ends_the_worker(log: Log, make_worker: MakeWorker) -> None:
    stores = await Stores.in_memory()
    with pytest.raises(ConsumerDied, match="did not ask the broker"):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await make_worker(stores.projection(), poll_limit_seconds=-1.0).run()


@pytest.mark.mongo
@pytest.mark.clickhouse
async def test_both_profiles_make_equal_views_of_equal_logs(
    log: Log, make_worker: MakeWorker, mongo_server: MongoServer, points_server: ClickHouseServer, tmp_path: Path
) -> None:
    await log.append(300)
    documents = await MongoDocuments.open(mongo_server.uri, f"projector_{uuid.uuid4().hex}")
    columns = await ClickHouseColumns.open(points_server.dsn)
    cluster = Stores(documents, columns)
    cluster.names = await prepare_views(documents, columns)
    await follow_to_the_end(log, cluster, make_worker(cluster.projection()))
    embedded_log = await SqliteEventLog.open(tmp_path / "events.sqlite")
    embedded_documents = await SqliteDocuments.open(tmp_path / "documents.sqlite")
    embedded_columns = await ClickHouseColumns.open(f"chdb://{tmp_path / 'columns'}")
    records = await log.records()
    await embedded_log.append([NewRecord(r.position.topic, r.position.partition, r.key, r.value) for r in records])
    projector = await bootstrap.in_process(embedded_log, embedded_log, embedded_documents, embedded_columns)
    await projector.start()
    assert await projector.caught_up(PATIENCE_SECONDS)
    await projector.stop()
    embedded = await dump_view(embedded_documents, embedded_columns, ViewNames(1))
    assert (await cluster.dump()).differences(embedded) == []
    assert embedded.row_counts["points"] > 100
    for opened in (documents, columns, embedded_log, embedded_documents, embedded_columns):
        await opened.close()
