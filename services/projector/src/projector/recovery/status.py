"""What there is to know of the views at a glance."""

import msgspec

from contracts.tables import EXPERIMENTS, HISTORY, RUNS, TAGS, VIEWS, ViewNames
from contracts.topics import event_partitions
from projector.recovery.rebuilding import REBUILDING
from stores.columns.port import ColumnReader
from stores.documents.port import DocumentReader
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
    """rebuilding: the version that an unfinished rebuild is making. counts: documents by collection, and `points`."""

    version: int
    rebuilding: int | None
    generation: int
    partitions: tuple[PartitionStatus, ...]
    lag: int
    counts: dict[str, int]


async def views_status(log: EventLogReader, documents: DocumentReader, columns: ColumnReader) -> ViewsStatus:
    """Of the live version. Raises StoreUnavailable if there is none yet."""
    names = await live_view(documents)
    checkpoints = await documents.checkpoints(names.view)
    # After the checkpoints: the log may grow in between, and a lag is never negative.
    ends = await log.end_offsets()
    partitions = []
    for partition in event_partitions():
        known = checkpoints.get(partition)
        end = ends.get(partition, 0)
        offset = None if known is None else known.offset
        lag = end if offset is None else end - offset - 1
        partitions.append(
            PartitionStatus(
                topic=partition.topic, partition=partition.partition, checkpoint=offset, end=end, lag=max(0, lag)
            )
        )
    return ViewsStatus(
        version=names.version,
        rebuilding=await _rebuilding(documents, names),
        generation=log.generation,
        partitions=tuple(partitions),
        lag=sum(each.lag for each in partitions),
        counts=await _counts(documents, columns, names),
    )


async def _counts(documents: DocumentReader, columns: ColumnReader, names: ViewNames) -> dict[str, int]:
    counts = {
        collection.name: await documents.count(names.collection(collection))
        for collection in (RUNS, EXPERIMENTS, TAGS, HISTORY)
    }
    return {**counts, "points": await columns.count_points(names.points)}


async def _rebuilding(documents: DocumentReader, live: ViewNames) -> int | None:
    document = await documents.get(VIEWS.name, REBUILDING)
    return document["version"] if document is not None and document["version"] > live.version else None
