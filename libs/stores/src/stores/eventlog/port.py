"""The log of events, as services see it. Adapters: `sqlite.py` (embedded), `kafka.py` (cluster).

Both have the same shape: the topics and partitions of `contracts.topics`, offsets from 0 without gaps in each.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from contracts.position import Position, TopicPartition


class NewRecord(NamedTuple):
    """A record to append. `partition` is `contracts.topics.partition_for(topic, key)`."""

    topic: str
    partition: int
    key: str
    value: bytes


class Record(NamedTuple):
    """A record as it stands in the log."""

    position: Position
    key: str
    value: bytes


class EventLogWriter(Protocol):
    """Appends. One writer may be used by many tasks at once."""

    @property
    def generation(self) -> int: ...

    async def append(self, records: Sequence[NewRecord]) -> list[Position]:
        """Append in this order and return each record's position once all of them are durable.

        SQLite: one transaction, synced. Kafka: one burst of produces, all acknowledged by the in-sync set. Records of
        one call that go to one partition keep their order. Raises LogFull when the bounded queue is full and
        StoreUnavailable when the log does not take them (of a Kafka burst some may have been taken: repeats carry
        dedupe ids). Raises ValueError for a record above MAX_RECORD_BYTES. An empty call returns [].
        """
        ...

    async def close(self) -> None:
        """Finish what was accepted, then release everything. May be called twice."""
        ...


class EventLogReader(Protocol):
    """Reads any partition from any offset, without consumer groups; serves the in-process projector and recovery."""

    @property
    def generation(self) -> int: ...

    async def read(
        self, partition: TopicPartition, offset: int, *, max_records: int = 2_000, max_bytes: int = 8 << 20
    ) -> list[Record]:
        """Records from `offset` on, in order; [] at the end. At least one record if there is one, whatever its size."""
        ...

    async def end_offsets(self) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition of all topics will get."""
        ...

    async def wait_beyond(self, offsets: Mapping[TopicPartition, int], timeout_seconds: float) -> bool:
        """Wait until a partition holds a record at or after the offset given for it; False after the timeout."""
        ...

    async def check(self) -> None:
        """Raise StoreUnavailable if the log cannot be read now. Cheap: readiness calls it."""
        ...

    async def close(self) -> None: ...
