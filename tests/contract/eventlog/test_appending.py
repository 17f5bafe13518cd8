"""What `append` promises, on every adapter."""

import asyncio
from itertools import chain

import pytest
from tests.contract.eventlog.conftest import GENERATION, Log, OpenLog

from contracts.position import Position, TopicPartition
from contracts.topics import CATALOG, CATALOG_KEY, DEAD_LETTERS, MAX_RECORD_BYTES, RUNS
from stores.errors import LogFull, StoreUnavailable
from stores.eventlog.admission import MAX_KEY_BYTES
from stores.eventlog.port import NewRecord

CATALOG_0 = TopicPartition(CATALOG, 0)


def in_runs(partition: int, value: bytes, key: str = "a run") -> NewRecord:
    return NewRecord(RUNS, partition, key, value)


def in_catalog(value: bytes) -> NewRecord:
    return NewRecord(CATALOG, 0, CATALOG_KEY, value)


async def values_from(log: Log, partition: TopicPartition, offset: int) -> list[bytes]:
    """All values from `offset` on, with the positions proven to have no gap."""
    found: list[bytes] = []
    while records := await log.reader.read(partition, offset + len(found)):
        for record in records:
            assert record.position == Position(GENERATION, *partition, offset + len(found))
            found.append(record.value)
    return found


async def test_a_record_comes_back_as_it_was_appended(log: Log) -> None:
    value = bytes(range(256))
    [position] = await log.writer.append([in_runs(3, value, key="run é\u0000z")])
    [record] = await log.reader.read(position.topic_partition, position.offset)
    assert record == (position, "run é\u0000z", value)


async def test_an_empty_value_is_a_record(log: Log) -> None:
    [position] = await log.writer.append([in_runs(3, b"", key="")])
    [record] = await log.reader.read(position.topic_partition, position.offset)
    assert (record.key, record.value) == ("", b"")


async def test_an_empty_append_returns_nothing_and_writes_nothing(log: Log) -> None:
    before = await log.reader.end_offsets()
    assert await log.writer.append([]) == []
    assert await log.reader.end_offsets() == before


async def test_records_of_one_append_keep_their_order_in_each_partition(log: Log) -> None:
    start = await log.reader.end_offsets()
    sent = [in_runs(i % 3, f"{i}".encode()) for i in range(300)]
    positions = await log.writer.append(sent)
    assert [(p.topic, p.partition) for p in positions] == [(r.topic, r.partition) for r in sent]
    for number in range(3):
        partition = TopicPartition(RUNS, number)
        values = await values_from(log, partition, start[partition])
        assert values == [f"{i}".encode() for i in range(number, 300, 3)]
        offsets = [p.offset for p in positions if p.partition == number]
        assert offsets == list(range(start[partition], start[partition] + 100))


async def test_one_append_reaches_all_topics(log: Log) -> None:
    start = await log.reader.end_offsets()
    positions = await log.writer.append(
        [in_catalog(b"tag"), in_runs(11, b"tagged"), NewRecord(DEAD_LETTERS, 0, "k", b"dead")]
    )
    assert positions == [
        Position(GENERATION, CATALOG, 0, start[CATALOG_0]),
        Position(GENERATION, RUNS, 11, start[TopicPartition(RUNS, 11)]),
        Position(GENERATION, DEAD_LETTERS, 0, start[TopicPartition(DEAD_LETTERS, 0)]),
    ]


async def test_positions_follow_each_other_from_append_to_append(log: Log) -> None:
    start = (await log.reader.end_offsets())[CATALOG_0]
    positions = [(await log.writer.append([in_catalog(b"x")]))[0] for _ in range(20)]
    assert [p.offset for p in positions] == list(range(start, start + 20))


async def test_appends_of_many_tasks_get_unique_positions_without_gaps(log: Log) -> None:
    start = await log.reader.end_offsets()

    async def append_some(task: int) -> list[tuple[Position, bytes]]:
        mine = []
        for number in range(10):
            pair = [in_runs(task % 12, f"{task}.{number}.{part}".encode()) for part in range(2)]
            positions = await log.writer.append(pair)
            mine += [(p, r.value) for p, r in zip(positions, pair, strict=True)]
        return mine

    answers = await asyncio.gather(*(append_some(task) for task in range(100)))
    written = dict(chain.from_iterable(answers))
    assert len(written) == 2_000
    for number in range(12):
        partition = TopicPartition(RUNS, number)
        values = await values_from(log, partition, start[partition])
        expected = sorted((p.offset, value) for p, value in written.items() if p.topic_partition == partition)
        assert values == [value for _, value in expected]


async def test_what_was_acknowledged_is_there_after_reopening(open_log: OpenLog) -> None:
    first = await open_log()
    start = (await first.reader.end_offsets())[CATALOG_0]
    await first.writer.append([in_catalog(b"one"), in_catalog(b"two")])
    await first.close()
    second = await open_log()
    [position] = await second.writer.append([in_catalog(b"three")])
    assert position == Position(GENERATION, CATALOG, 0, start + 2)
    assert await values_from(second, CATALOG_0, start) == [b"one", b"two", b"three"]


async def test_the_largest_record_is_taken(log: Log) -> None:
    value = bytes(range(251)) * (MAX_RECORD_BYTES // 251) + b"." * (MAX_RECORD_BYTES % 251)
    [position] = await log.writer.append([in_runs(0, value, key="k" * MAX_KEY_BYTES)])
    [record] = await log.reader.read(position.topic_partition, position.offset)
    assert record.value == value


@pytest.mark.parametrize(
    "refused",
    [
        in_runs(0, b"x" * (MAX_RECORD_BYTES + 1)),
        in_runs(0, b"x", key="k" * (MAX_KEY_BYTES + 1)),
        in_runs(0, b"x", key="\ud800"),
        in_runs(12, b"x"),
        NewRecord("another topic", 0, "k", b"x"),
    ],
    ids=["value too large", "key too long", "key is no text", "no such partition", "no such topic"],
)
async def test_a_refused_record_writes_nothing_of_its_append(log: Log, refused: NewRecord) -> None:
    before = await log.reader.end_offsets()
    with pytest.raises(ValueError, match=r"bytes|partition|surrogates"):
        await log.writer.append([in_runs(0, b"good"), refused, in_catalog(b"good")])
    assert await log.reader.end_offsets() == before


async def test_overload_is_answered_at_once_and_loses_nothing(open_log: OpenLog) -> None:
    log = await open_log(max_queued_bytes=10_000)
    start = (await log.reader.end_offsets())[CATALOG_0]
    answers = await asyncio.gather(
        *(log.writer.append([in_catalog(f"{i:0500}".encode())]) for i in range(100)), return_exceptions=True
    )
    refused = [a for a in answers if isinstance(a, BaseException)]
    taken = [i for i, a in enumerate(answers) if not isinstance(a, BaseException)]
    assert taken
    assert refused
    assert all(isinstance(a, LogFull) for a in refused)
    assert await values_from(log, CATALOG_0, start) == [f"{i:0500}".encode() for i in taken]
    await log.writer.append([in_catalog(b"room again")])


async def test_an_append_larger_than_the_queue_is_taken_when_nothing_waits(open_log: OpenLog) -> None:
    log = await open_log(max_queued_bytes=1_000)
    assert len(await log.writer.append([in_catalog(b"x" * 900) for _ in range(3)])) == 3


async def test_a_cancelled_caller_disturbs_nobody(log: Log) -> None:
    start = (await log.reader.end_offsets())[CATALOG_0]
    tasks = [asyncio.create_task(log.writer.append([in_catalog(f"{i}".encode())])) for i in range(10)]
    await asyncio.sleep(0)
    tasks[4].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [i for i, a in enumerate(answers) if isinstance(a, BaseException)] == [4]
    assert await values_from(log, CATALOG_0, start) == [f"{i}".encode() for i in range(10)]


async def test_closing_finishes_what_was_accepted(open_log: OpenLog) -> None:
    log = await open_log()
    tasks = [asyncio.create_task(log.writer.append([in_catalog(b"x")])) for _ in range(50)]
    await asyncio.sleep(0)
    await log.writer.close()
    assert len(await asyncio.gather(*tasks)) == 50


async def test_a_closed_writer_refuses_and_may_be_closed_again(open_log: OpenLog) -> None:
    log = await open_log()
    await asyncio.gather(log.writer.close(), log.writer.close())
    await log.writer.close()
    with pytest.raises(StoreUnavailable):
        await log.writer.append([in_catalog(b"x")])
    with pytest.raises(StoreUnavailable):
        await log.writer.append([])


async def test_the_generation_is_told_and_stamped(log: Log) -> None:
    assert (log.writer.generation, log.reader.generation) == (GENERATION, GENERATION)
    [position] = await log.writer.append([in_catalog(b"x")])
    assert position.generation == GENERATION
