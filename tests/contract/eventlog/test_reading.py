"""What a reader promises, on every adapter."""

import asyncio

import pytest
from tests.contract.eventlog.conftest import Log, OpenLog

from contracts.position import TopicPartition
from contracts.topics import CATALOG, CATALOG_KEY, DEAD_LETTERS, RUNS, TOPICS
from stores.errors import StoreUnavailable
from stores.eventlog.port import NewRecord

CATALOG_0 = TopicPartition(CATALOG, 0)
LONG_SECONDS = 60.0  # the tests' own limit ends a wait that is never woken


async def append_numbers(log: Log, count: int, size: int = 0, partition: TopicPartition = CATALOG_0) -> int:
    """Append values that begin with 0, 1, 2 …; returns the first offset."""
    values = [f"{i}".encode().ljust(size, b".") for i in range(count)]
    positions = await log.writer.append([NewRecord(*partition, CATALOG_KEY, value) for value in values])
    return positions[0].offset


async def numbers(
    log: Log, offset: int, *, max_records: int = 2_000, max_bytes: int = 8 << 20, partition: TopicPartition = CATALOG_0
) -> list[int]:
    records = await log.reader.read(partition, offset, max_records=max_records, max_bytes=max_bytes)
    return [int(record.value.rstrip(b".")) for record in records]


async def test_reading_stops_at_the_number_of_records(log: Log) -> None:
    first = await append_numbers(log, 10)
    assert await numbers(log, first, max_records=4) == [0, 1, 2, 3]
    assert await numbers(log, first + 4, max_records=4) == [4, 5, 6, 7]
    assert await numbers(log, first + 8, max_records=4) == [8, 9]


async def test_reading_stops_before_too_many_bytes_and_goes_on_there(log: Log) -> None:
    first = await append_numbers(log, 5, size=100)
    assert await numbers(log, first, max_bytes=299) == [0, 1]
    assert await numbers(log, first + 2, max_bytes=300) == [2, 3, 4]


async def test_at_least_one_record_is_read_whatever_its_size(log: Log) -> None:
    first = await append_numbers(log, 2, size=100)
    assert await numbers(log, first, max_bytes=1) == [0]
    assert await numbers(log, first + 1, max_bytes=1) == [1]


async def test_any_offset_can_be_read_in_any_order(log: Log) -> None:
    first = await append_numbers(log, 10, size=100)
    for start, limit in ((7, 250), (0, 350), (3, 100), (9, 100), (2, 1_000)):
        assert (await numbers(log, first + start, max_bytes=limit))[0] == start


async def test_two_partitions_can_be_read_in_turns(log: Log) -> None:
    other = TopicPartition(RUNS, 5)
    first, second = await append_numbers(log, 6), await append_numbers(log, 6, partition=other)
    for i in range(6):
        assert await numbers(log, first + i, max_records=1) == [i]
        assert await numbers(log, second + i, max_records=1, partition=other) == [i]


async def test_many_tasks_can_read_at_once(log: Log) -> None:
    other = TopicPartition(RUNS, 6)
    first, second = await append_numbers(log, 100), await append_numbers(log, 100, partition=other)
    reads = [numbers(log, first + i) for i in range(20)] + [
        numbers(log, second + i, partition=other) for i in range(20)
    ]
    assert await asyncio.gather(*reads) == 2 * [list(range(i, 100)) for i in range(20)]


@pytest.mark.parametrize("beyond", [0, 1, 1_000_000])
async def test_nothing_is_read_at_the_end_and_beyond(log: Log, beyond: int) -> None:
    await append_numbers(log, 1)
    end = (await log.reader.end_offsets())[CATALOG_0]
    assert await log.reader.read(CATALOG_0, end + beyond) == []


async def test_what_comes_later_is_read_where_nothing_was_before(log: Log) -> None:
    end = (await log.reader.end_offsets())[CATALOG_0]
    assert await numbers(log, end) == []
    await append_numbers(log, 3)
    assert await numbers(log, end) == [0, 1, 2]
    await append_numbers(log, 2)
    assert await numbers(log, end + 3) == [0, 1]


async def test_a_partition_that_does_not_exist_is_refused(log: Log) -> None:
    nowhere = TopicPartition(RUNS, 12)
    with pytest.raises(ValueError, match="partition"):
        await log.reader.read(nowhere, 0)
    with pytest.raises(ValueError, match="partition"):
        await log.reader.wait_beyond({nowhere: 0}, 0.0)


async def test_end_offsets_name_every_partition_and_move_with_appends(log: Log) -> None:
    before = await log.reader.end_offsets()
    assert set(before) == {TopicPartition(t.name, p) for t in TOPICS.values() for p in range(t.partitions)}
    await append_numbers(log, 3, partition=TopicPartition(RUNS, 7))
    await append_numbers(log, 1, partition=TopicPartition(DEAD_LETTERS, 0))
    after = await log.reader.end_offsets()
    moved = {
        partition: after[partition] - before[partition] for partition in after if after[partition] != before[partition]
    }
    assert moved == {TopicPartition(RUNS, 7): 3, TopicPartition(DEAD_LETTERS, 0): 1}


async def test_waiting_ends_at_once_when_a_record_is_there(log: Log) -> None:
    first = await append_numbers(log, 1)
    assert await log.reader.wait_beyond({CATALOG_0: first}, LONG_SECONDS)


async def test_waiting_ends_when_any_of_the_partitions_grows(log: Log) -> None:
    other = TopicPartition(RUNS, 8)
    ends = await log.reader.end_offsets()
    waiting = [
        asyncio.create_task(log.reader.wait_beyond({CATALOG_0: ends[CATALOG_0], other: ends[other]}, LONG_SECONDS))
        for _ in range(3)
    ]
    await asyncio.sleep(0)
    await append_numbers(log, 1, partition=other)
    assert await asyncio.gather(*waiting) == [True, True, True]


async def test_waiting_is_not_ended_by_another_partition(log: Log) -> None:
    ends = await log.reader.end_offsets()
    waiting = asyncio.create_task(log.reader.wait_beyond({CATALOG_0: ends[CATALOG_0]}, 0.2))
    await asyncio.sleep(0)
    await append_numbers(log, 1, partition=TopicPartition(RUNS, 9))
    assert not await waiting


async def test_waiting_for_more_than_one_record_goes_on_until_the_offset_is_reached(log: Log) -> None:
    end = (await log.reader.end_offsets())[CATALOG_0]
    waiting = asyncio.create_task(log.reader.wait_beyond({CATALOG_0: end + 1}, LONG_SECONDS))
    await append_numbers(log, 1)
    assert not waiting.done()
    await append_numbers(log, 1)
    assert await waiting


@pytest.mark.parametrize("timeout_seconds", [0.0, 0.05])
async def test_waiting_ends_with_false_after_its_time(log: Log, timeout_seconds: float) -> None:
    ends = await log.reader.end_offsets()
    assert not await log.reader.wait_beyond(ends, timeout_seconds)
    assert not await log.reader.wait_beyond({}, timeout_seconds)


async def test_a_good_log_passes_its_check(log: Log) -> None:
    await log.reader.check()


async def test_a_closed_reader_refuses_and_may_be_closed_again(open_log: OpenLog) -> None:
    log = await open_log()
    ends = await log.reader.end_offsets()
    waiting = asyncio.create_task(log.reader.wait_beyond(ends, LONG_SECONDS))
    await asyncio.sleep(0)
    await asyncio.gather(log.reader.close(), log.reader.close())
    await log.reader.close()
    with pytest.raises(StoreUnavailable):
        await waiting
    with pytest.raises(StoreUnavailable):
        await log.reader.read(CATALOG_0, 0)
    with pytest.raises(StoreUnavailable):
        await log.reader.end_offsets()
    with pytest.raises(StoreUnavailable):
        await log.reader.check()
