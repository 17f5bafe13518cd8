"""The log in memory: writer and reader in one."""

import asyncio
from collections.abc import Mapping, Sequence

from tests.fakes.faults import Faults

from contracts.position import Position, TopicPartition
from contracts.topics import MAX_RECORD_BYTES
from stores.eventlog.partitions import ALL_PARTITIONS, require_known
from stores.eventlog.port import NewRecord, Record


class FakeEventLog:
    """`faults` is reached as `log.append`, `log.read` and `log.ends`."""

    def __init__(self, generation: int = 1, faults: Faults | None = None) -> None:
        self._generation = generation
        self._faults = faults or Faults()
        self._records: dict[TopicPartition, list[Record]] = {partition: [] for partition in ALL_PARTITIONS}
        self._grew = asyncio.Condition()
        self.closed = False

    @property
    def generation(self) -> int:
        return self._generation

    def records(self, topic: str) -> list[Record]:
        """Everything in a topic, by partition and offset."""
        return [record for partition, part in self._records.items() if partition.topic == topic for record in part]

    async def append(self, records: Sequence[NewRecord]) -> list[Position]:
        for record in records:
            require_known(TopicPartition(record.topic, record.partition))
            if len(record.value) > MAX_RECORD_BYTES:
                raise ValueError(f"a record of {len(record.value)} bytes")
        self._faults.reach("log.append")
        positions = [self._take(record) for record in records]
        async with self._grew:
            self._grew.notify_all()
        return positions

    async def read(
        self, partition: TopicPartition, offset: int, *, max_records: int = 2_000, max_bytes: int = 8 << 20
    ) -> list[Record]:
        require_known(partition)
        self._faults.reach("log.read")
        found: list[Record] = []
        size = 0
        for record in self._records[partition][offset : offset + max_records]:
            size += len(record.value)
            if found and size > max_bytes:
                break
            found.append(record)
        return found

    async def end_offsets(self) -> dict[TopicPartition, int]:
        self._faults.reach("log.ends")
        return {partition: len(part) for partition, part in self._records.items()}

    async def wait_beyond(self, offsets: Mapping[TopicPartition, int], timeout_seconds: float) -> bool:
        def grown() -> bool:
            return any(len(self._records[partition]) > offset for partition, offset in offsets.items())

        try:
            async with asyncio.timeout(timeout_seconds), self._grew:
                await self._grew.wait_for(grown)
        except TimeoutError:
            return False
        return True

    async def check(self) -> None:
        self._faults.reach("log.check")

    async def close(self) -> None:
        self.closed = True

    def _take(self, record: NewRecord) -> Position:
        part = self._records[TopicPartition(record.topic, record.partition)]
        position = Position(self._generation, record.topic, record.partition, len(part))
        part.append(Record(position, record.key, record.value))
        return position
