"""What the embedded log promises beyond the port: crashes, a full disk, its file."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from contracts.topics import CATALOG, CATALOG_KEY, RUNS
from stores.errors import LogMisconfigured, StoreUnavailable
from stores.eventlog.partitions import ALL_PARTITIONS
from stores.eventlog.port import NewRecord, Record
from stores.eventlog.sqlite import SqliteEventLog

HERE = Path(__file__).parent
CATALOG_0 = TopicPartition(CATALOG, 0)
RUNS_4 = TopicPartition(RUNS, 4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteEventLog]:
    opened = await SqliteEventLog.open(path)
    yield opened
    await opened.close()


async def read_all(log: SqliteEventLog, partition: TopicPartition) -> list[Record]:
    records: list[Record] = []
    while more := await log.read(partition, len(records)):
        records += more
    assert [r.position.offset for r in records] == list(range(len(records)))
    return records


def numbers_in(records: list[Record]) -> list[int]:
    return [int(record.value.rstrip(b".")) for record in records]


@pytest.mark.parametrize("kill_after", [1, 137, 1_500])
async def test_what_was_acknowledged_outlives_kill_9(path: Path, kill_after: int) -> None:
    program = subprocess.Popen(
        [sys.executable, HERE / "append_one_by_one.py", path, "1000000"], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    try:
        for _ in range(kill_after):
            program.stdout.readline()
    finally:
        program.kill()
        rest = program.stdout.read().splitlines()
        program.stdout.close()
        program.wait(timeout=30)
    log = await SqliteEventLog.open(path)
    catalog, run = await read_all(log, CATALOG_0), await read_all(log, RUNS_4)
    assert len(catalog) >= kill_after + len(rest)
    assert numbers_in(catalog) == numbers_in(run) == list(range(len(catalog)))
    [position] = await log.append([NewRecord(CATALOG, 0, CATALOG_KEY, b"next")])
    assert position.offset == len(catalog)
    await log.close()


@pytest.mark.parametrize("limit_bytes", [400_000, 1_500_000, 5_000_000])
async def test_a_full_disk_refuses_whole_appends_and_passes(path: Path, limit_bytes: int) -> None:
    command = [sys.executable, str(HERE / "append_with_little_room.py"), str(path), str(limit_bytes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    acknowledged, after = told["acknowledged"], told["after"]
    assert told["refused"]
    assert told["ends_when_full"] == [len(acknowledged)] * 2
    assert len(after) == 20
    log = await SqliteEventLog.open(path)
    for partition in (CATALOG_0, RUNS_4):
        assert numbers_in(await read_all(log, partition)) == [number for number, *_ in acknowledged + after]
    assert [offsets for _, *offsets in acknowledged + after] == [[i, i] for i in range(len(acknowledged + after))]
    await log.close()


async def test_a_lock_of_somebody_else_is_waited_for(path: Path, log: SqliteEventLog) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(log.append([NewRecord(CATALOG, 0, CATALOG_KEY, b"x")]))
    assert await log.read(CATALOG_0, 0) == []
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    assert (await waiting)[0].offset == 0


class FailingLog(SqliteEventLog):
    def _commit(self, group: list[Any]) -> NoReturn:
        raise MemoryError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_nobody_waits_for_ever_when_the_writing_thread_fails(path: Path) -> None:
    log = await FailingLog.open(path)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="thread"):
            await log.append([NewRecord(CATALOG, 0, CATALOG_KEY, b"x")])
    await log.close()


async def test_the_generation_is_read_from_its_row(path: Path) -> None:
    first = await SqliteEventLog.open(path)
    assert first.generation == 1
    await first.close()
    with sqlite3.connect(path) as raised:
        raised.execute("UPDATE generation SET value = 7")
    raised.close()
    second = await SqliteEventLog.open(path)
    [position] = await second.append([NewRecord(CATALOG, 0, CATALOG_KEY, b"x")])
    assert (second.generation, position.generation) == (7, 7)
    await second.close()


async def test_a_small_record_costs_less_than_twenty_bytes_beside_its_content(path: Path) -> None:
    log = await SqliteEventLog.open(path)
    count, key, value = 40_000, "0123456789abcdef01234567", b"v" * 40
    for start in range(0, count, 2_000):
        await log.append([NewRecord(RUNS, i % 12, key, value) for i in range(start, start + 2_000)])
    await log.close()
    empty_tables = 4096 * (len(ALL_PARTITIONS) + 2)
    assert (path.stat().st_size - empty_tables) / count - len(key) - len(value) < 20


async def test_closing_leaves_one_file(path: Path) -> None:
    log = await SqliteEventLog.open(path)
    await log.append([NewRecord(CATALOG, 0, CATALOG_KEY, b"x")])
    await log.read(CATALOG_0, 0)
    await log.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_a_file_that_is_no_database_is_a_mismatch(path: Path) -> None:
    path.write_bytes(b"these are no pages " * 500)
    with pytest.raises(LogMismatch, match="damaged"):
        await SqliteEventLog.open(path)


async def test_a_database_of_something_else_is_a_mismatch(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(LogMismatch, match="no log"):
        await SqliteEventLog.open(path)


@pytest.mark.parametrize(
    ("change", "told"),
    [("PRAGMA user_version = 99", "format 99"), (f'DROP TABLE "{RUNS}/11"', "partitions")],
)
async def test_a_log_of_another_shape_is_refused(path: Path, change: str, told: str) -> None:
    await (await SqliteEventLog.open(path)).close()
    with sqlite3.connect(path) as other:
        other.execute(change)
    other.close()
    with pytest.raises(LogMisconfigured, match=told):
        await SqliteEventLog.open(path)


async def test_a_folder_that_is_missing_makes_the_store_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await SqliteEventLog.open(tmp_path / "missing" / "log.sqlite")
