"""What there is to know of the views at a glance."""

import msgspec

from contracts.position import TopicPartition
from contracts.tables import EXPERIMENTS, HISTORY, RUNS, TAGS, VIEWS, ViewNames
from contracts.topics import event_partitions
from projector.recovery.rebuilding import REBUILDING
from projector.recovery.views import left_over
from stores.columns.port import ColumnReader
from stores.documents.port import Checkpoint, DocumentReader
from stores.eventlog.port import EventLogReader
from stores.views import live_view


class PartitionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """checkpoint: offset of the last record that the views hold, None if none. end: offset of the next record."""

    topic: str
    partition: int
    checkpoint: int | None
    end: int
    lag: int


class ViewsStatus(msgspec.Struct, frozen=True, kw_only=True):
    """rebuilding: the version that an unfinished rebuild is making. left_over: older ones that `views drop` removes.

    counts: documents by collection, and `points`.
    """

    version: int
    rebuilding: int | None
    left_over: tuple[int, ...]
    generation: int
    partitions: tuple[PartitionStatus, ...]
    lag: int
    counts: dict[str, int]


async def views_status(log: EventLogReader, documents: DocumentReader, columns: ColumnReader) -> ViewsStatus:
    """Of the live version. Raises StoreUnavailable if there is none yet."""
    names = await live_view(documents)
    partitions = await _partitions(log, documents, names)
    return ViewsStatus(
        version=names.version,
        rebuilding=await _rebuilding(documents, names),
        left_over=tuple(older.version for older in await left_over(documents, columns)),
        generation=log.generation,
        partitions=partitions,
        lag=sum(each.lag for each in partitions),
        counts=await _counts(documents, columns, names),
    )


async def views_lag(log: EventLogReader, documents: DocumentReader) -> int:
    """Records that the live version does not hold. Raises as `views_status`."""
    return sum(each.lag for each in await _partitions(log, documents, await live_view(documents)))


async def _partitions(log: EventLogReader, documents: DocumentReader, names: ViewNames) -> tuple[PartitionStatus, ...]:
    checkpoints = await documents.checkpoints(names.view)
    # After the checkpoints: both only rise, so a lag is never negative.
    ends = await log.end_offsets()
    return tuple(_partition(each, checkpoints.get(each), ends.get(each, 0)) for each in event_partitions())


def _partition(partition: TopicPartition, known: Checkpoint | None, end: int) -> PartitionStatus:
    checkpoint = None if known is None else known.offset
    return PartitionStatus(
        topic=partition.topic,
        partition=partition.partition,
        checkpoint=checkpoint,
        end=end,
        lag=max(0, end - (0 if checkpoint is None else checkpoint + 1)),
    )


async def _counts(documents: DocumentReader, columns: ColumnReader, names: ViewNames) -> dict[str, int]:
    counts = {
        collection.name: await documents.count(names.collection(collection))
        for collection in (RUNS, EXPERIMENTS, TAGS, HISTORY)
    }
    return {**counts, "points": await columns.count_rows(names.points)}


async def _rebuilding(documents: DocumentReader, live: ViewNames) -> int | None:
    document = await documents.get(VIEWS.name, REBUILDING)
    return document["version"] if document is not None and document["version"] > live.version else None
