"""The embedded stores hold what the stores in memory hold, to the letter."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.replay.delivering import World, deliver_all, log_of
from tests.replay.random_log import random_records

from contracts.tables import ViewNames
from projector import bootstrap
from projector.recovery.dump import ViewDump, dump_view
from projector.recovery.rebuilding import rebuild
from projector.runner.batch import Projection
from projector.runner.dead_letters import CollectedDeadLetters
from projector.settings import RunnerSettings
from stores.columns.clickhouse import ClickHouseColumns
from stores.documents.sqlite import SqliteDocuments
from stores.eventlog.sqlite import SqliteEventLog

SMALL_ROUNDS = RunnerSettings(batch_records=60, cached_states=3)


class Folder:
    """The stores of the embedded product, opened again after a stop."""

    def __init__(self, log: SqliteEventLog, documents: SqliteDocuments, columns: ClickHouseColumns) -> None:
        self.log = log
        self.documents = documents
        self.columns = columns

    @classmethod
    async def open(cls, path: Path) -> "Folder":
        return cls(
            await SqliteEventLog.open(path / "events.sqlite"),
            await SqliteDocuments.open(path / "documents.sqlite"),
            await ClickHouseColumns.open(f"chdb://{path / 'columns'}"),
        )

    async def close(self) -> None:
        await self.log.close()
        await self.documents.close()
        await self.columns.close()

    async def dump(self, version: int) -> ViewDump:
        return await dump_view(self.documents, self.columns, ViewNames(version))


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    opened = await Folder.open(tmp_path)
    yield opened
    await opened.close()


async def in_memory(seed: int, count: int) -> ViewDump:
    world = World.of_fakes()
    await world.make()
    await deliver_all(world.projection(), await log_of(random_records(seed, count)), random.Random(seed))
    return await world.dump()


async def test_the_in_process_projector_makes_the_same_views_and_so_does_a_rebuild(folder: Folder) -> None:
    records = random_records(3, 500)
    projector = await bootstrap.in_process(folder.log, folder.log, folder.documents, folder.columns, SMALL_ROUNDS)
    await folder.log.append(records[:200])
    await projector.start()
    await folder.log.append(records[200:350])
    await projector.stop(grace_seconds=0.0)  # cut off wherever it is
    again = await bootstrap.in_process(folder.log, folder.log, folder.documents, folder.columns, SMALL_ROUNDS)
    await again.start()
    await folder.log.append(records[350:])
    assert await again.caught_up(60.0)
    await again.stop()
    expected = await in_memory(3, 500)
    assert (await folder.dump(1)).differences(expected) == []
    await rebuild(folder.log, folder.documents, folder.columns)
    assert (await folder.dump(2)).differences(expected) == []


async def test_random_batches_and_repeats_make_the_same_views(folder: Folder) -> None:
    await bootstrap.in_process(folder.log, folder.log, folder.documents, folder.columns)
    letters = CollectedDeadLetters()
    projection = Projection(ViewNames(1), 1, folder.documents, folder.columns, letters)
    await deliver_all(projection, await log_of(random_records(4, 300)), random.Random(4))
    assert (await folder.dump(1)).differences(await in_memory(4, 300)) == []
