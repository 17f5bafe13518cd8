"""The log of the cluster, read from any offset without a consumer group."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from confluent_kafka import Consumer, KafkaException, Message
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public, but the client has no __all__
    AdminClient,
    OffsetSpec,
)

from contracts.errors import LogMismatch
from contracts.position import Position, TopicPartition
from stores.errors import LogMisconfigured, StoreUnavailable
from stores.eventlog.kafka_errors import client_log, error_of, translated, unavailable
from stores.eventlog.partitions import ALL_PARTITIONS, require_known
from stores.eventlog.port import Record

_ANSWER_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.25
_CLOSED = "the log is closed"


def client_settings(bootstrap: str, security: Mapping[str, str]) -> dict[str, Any]:
    """What consumer and administration have in common."""
    return {**security, "bootstrap.servers": bootstrap, "log.connection.close": False}


def text_of(key: bytes) -> str:
    """Of a record. One that is no UTF-8 is none of ours either: its event is found to stand under a wrong key."""
    return key.decode(errors="replace")


class KafkaEventLogReader:
    """One consumer with one thread: reads of one partition that follow each other go on without a new request."""

    def __init__(self, bootstrap: str, generation: int, security: Mapping[str, str]) -> None:
        """Use `open`."""
        self._generation = generation
        common = client_settings(bootstrap, security)
        self._admin = AdminClient({**common, "log_level": 0})  # its failures are raised; its messages would be printed
        self._knows_leaders = False
        self._cursor = _Cursor(
            Consumer(
                {
                    **common,
                    "group.id": "tallybook-log-reader",  # a name is demanded; nothing joins it, nothing is committed
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "auto.offset.reset": "error",
                    "check.crcs": True,
                    # A change of partition waits for the request under way, which the broker holds back this long when
                    # it has nothing more: 0.5 s by default. The cursor stops asking at the end, so it is not busy.
                    "fetch.wait.max.ms": 10,
                },
                logger=client_log,
            )
        )
        self._reading = ThreadPoolExecutor(1, "event-log-read")  # one: the cursor is for one thread
        self._asking = ThreadPoolExecutor(2, "event-log-ends")
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, bootstrap: str, generation: int, security: Mapping[str, str] | None = None) -> Self:
        """`security` as in KafkaEventLogWriter.open. Does not wait for a broker; `check` does."""
        with translated():
            return cls(bootstrap, generation, security or {})

    @property
    def generation(self) -> int:
        return self._generation

    async def read(
        self, partition: TopicPartition, offset: int, *, max_records: int = 2_000, max_bytes: int = 8 << 20
    ) -> list[Record]:
        """See the port. Raises LogMismatch if `offset` was deleted: an archive holds it, or nobody."""
        require_known(partition)
        self._require_open()
        messages = await asyncio.get_running_loop().run_in_executor(
            self._reading, self._cursor.read, partition, offset, max_records, max_bytes
        )
        return [self._record(partition, message) for message in messages]

    async def end_offsets(self) -> dict[TopicPartition, int]:
        return await self._ends_of(ALL_PARTITIONS)

    async def wait_beyond(self, offsets: Mapping[TopicPartition, int], timeout_seconds: float) -> bool:
        """Asks the broker again and again, at growing intervals up to a quarter of a second."""
        for partition in offsets:
            require_known(partition)
        pause = _FIRST_PAUSE_SECONDS
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self._any_beyond(offsets):
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        except TimeoutError:
            return False
        return True

    async def check(self) -> None:
        await self._ends_of(ALL_PARTITIONS)

    async def close(self) -> None:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._reading, self._cursor.close)
        self._reading.shutdown()
        await asyncio.to_thread(self._asking.shutdown)

    def _require_open(self) -> None:
        if self._closing is not None:
            raise StoreUnavailable(_CLOSED)

    async def _any_beyond(self, offsets: Mapping[TopicPartition, int]) -> bool:
        ends = await self._ends_of(list(offsets))
        return any(ends[partition] > offset for partition, offset in offsets.items())

    async def _ends_of(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        self._require_open()
        if not partitions:
            return {}
        return await asyncio.get_running_loop().run_in_executor(self._asking, self._ask_ends, partitions)

    def _ask_ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        with translated():
            if not self._knows_leaders:
                # Without it the first question of a fresh client may wait 3 s (librdkafka 2.16, 4 of 25 tries), and
                # when a broker came back every question fails for minutes: FENCED_LEADER_EPOCH, because this request
                # takes the leaders from the client's memory and does not renew it.
                self._admin.list_topics(timeout=_ANSWER_SECONDS)
            self._knows_leaders = False  # until it is answered
            latest = OffsetSpec.latest()  # type: ignore[no-untyped-call] # the client gives it no types
            asked = self._admin.list_offsets(
                {KafkaPartition(*partition): latest for partition in partitions}, request_timeout=_ANSWER_SECONDS
            )
            ends = {TopicPartition(p.topic, p.partition): answer.result().offset for p, answer in asked.items()}
            self._knows_leaders = True
            return ends

    def _record(self, partition: TopicPartition, message: Message) -> Record:
        offset, key, value = message.offset(), message.key(), message.value()
        if offset is None or key is None or value is None:
            raise LogMismatch(
                f"{partition.topic}/{partition.partition} holds a record at {offset} that is none of ours"
            )
        return Record(Position(self._generation, *partition, offset), text_of(key), value)


class _Cursor:
    """Where the consumer stands. For one thread."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._partition: TopicPartition | None = None
        self._next = 0  # the offset that the consumer gives next
        self._end = 0  # the partition was at least this long when last asked
        self._held: Message | None = None  # received, and too much for the answer it was meant for

    def read(self, partition: TopicPartition, offset: int, max_records: int, max_bytes: int) -> list[Message]:
        try:
            return self._read(partition, offset, max(max_records, 1), max_bytes)
        except KafkaException as exception:
            self._partition = None
            raise unavailable(error_of(exception)) from exception

    def close(self) -> None:
        self._consumer.close()

    def _read(self, partition: TopicPartition, offset: int, max_records: int, max_bytes: int) -> list[Message]:
        if not self._stand_at(partition, offset):
            return []
        messages: list[Message] = []
        size = 0
        while len(messages) < max_records and self._next < self._end:
            message = self._take()
            size += len(message.value() or b"")
            if messages and size > max_bytes:
                self._held = message
                break
            messages.append(message)
            self._next += 1
        if self._next == self._end:
            self._consumer.unassign()
            self._partition = None
        return messages

    def _stand_at(self, partition: TopicPartition, offset: int) -> bool:
        """Be ready to give the record at `offset`; False if there is none."""
        if partition == self._partition and offset == self._next and offset < self._end:
            return True
        kafka_partition = KafkaPartition(*partition)
        start, end = self._consumer.get_watermark_offsets(kafka_partition, timeout=_ANSWER_SECONDS)
        if offset < start:
            raise LogMismatch(
                f"{partition.topic}/{partition.partition} begins at offset {start}: what stood at {offset} was "
                "deleted; restore it from the archive"
            )
        if offset >= end:
            return False
        self._end = end
        if partition != self._partition or offset != self._next:
            kafka_partition.offset = offset
            self._consumer.assign([kafka_partition])
            self._partition, self._next, self._held = partition, offset, None
        return True

    def _take(self) -> Message:
        """The message at `_next`, which is there: the log has no gaps."""
        message, self._held = self._held, None
        deadline = time.monotonic() + _ANSWER_SECONDS
        while message is None:
            message = self._consumer.poll(max(0.0, deadline - time.monotonic()))
            if message is None and time.monotonic() >= deadline:
                self._partition = None
                raise StoreUnavailable(f"Kafka gave no record within {_ANSWER_SECONDS:g} s")
            error = message.error() if message is not None else None
            if error is not None:
                self._partition = None
                raise unavailable(error)
        if message.offset() != self._next:
            self._partition = None
            raise LogMisconfigured(
                f"{message.topic()}/{message.partition()} has a gap: offset {message.offset()} after {self._next - 1}; "
                "its topic must not be compacted, and nobody may write to it in transactions"
            )
        return message
