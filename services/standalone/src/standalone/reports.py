"""What operators are told, from a running server or from the folder itself: the same bodies either way."""

import msgspec

from contracts.position import TopicPartition
from projector.bootstrap import ViewsDropped, ViewsStatus, drop_left_over, views_status
from standalone.data_folder import DataFolder
from stores.eventlog.port import EventLogReader

__all__ = (
    "LogStatus",
    "PartitionEnd",
    "ServerStatus",
    "ViewsDropped",
    "ViewsStatus",
    "drop_left_over",
    "log_status",
    "views_status",
)


class ServerStatus(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    pid: int
    data: str
    urls: tuple[str, ...]
    up_seconds: float


class PartitionEnd(msgspec.Struct, frozen=True, kw_only=True):
    """end: offset of the next record, which is also the number of records."""

    topic: str
    partition: int
    end: int


class LogStatus(msgspec.Struct, frozen=True, kw_only=True):
    """size: bytes of the log's files on the disk."""

    generation: int
    records: int
    size: int
    partitions: tuple[PartitionEnd, ...]


async def log_status(log: EventLogReader, folder: DataFolder) -> LogStatus:
    ends = await log.end_offsets()
    return LogStatus(
        generation=log.generation,
        records=sum(ends.values()),
        size=sum(file.stat().st_size for file in folder.root.glob(f"{folder.events.name}*")),
        partitions=tuple(_end(partition, ends[partition]) for partition in sorted(ends)),
    )


def _end(partition: TopicPartition, end: int) -> PartitionEnd:
    return PartitionEnd(topic=partition.topic, partition=partition.partition, end=end)
