"""A new version of the views beside the live one, from the first event on; then one document update makes it live.

Nobody may follow the log with the live version when the switch is made: a projector goes on with the version that it
found when it started. The embedded server and the cluster's workers are stopped for it; readers may stay.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from contracts.position import TopicPartition
from contracts.tables import VIEWS, ViewNames
from projector.recovery.views import drop_left_over, make_view, remove_view
from projector.runner.batch import Projection
from projector.runner.dead_letters import CollectedDeadLetters, DeadLetter
from projector.runner.inprocess import InProcessProjector, RoundLimits
from stores.columns.port import Columns
from stores.documents.port import Documents, Put
from stores.eventlog.port import EventLogReader
from stores.views import live_view, set_live_view

REBUILDING = "rebuilding"
"""Id of the document in VIEWS that names the version being made; it is finished once that version is live."""

_ROUND = RoundLimits(records=10_000, bytes=16 << 20)


class RebuildProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Records that the new version holds, of those in the log. `done` begins above 0 when a rebuild is resumed."""

    version: int
    done: int
    total: int


class RebuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """invalid: found by this call; one that was resumed does not name those found before. dropped: versions."""

    previous: int
    version: int
    records: int
    invalid: tuple[DeadLetter, ...]
    dropped: tuple[int, ...]


OnProgress = Callable[[RebuildProgress], None]


async def rebuild(
    log: EventLogReader,
    documents: Documents,
    columns: Columns,
    *,
    on_progress: OnProgress = lambda _progress: None,
    drop_previous: bool = False,
    fresh: bool = False,
    before_switch: Callable[[], Awaitable[None]] | None = None,
) -> RebuildReport:
    """Build the next version up to the end of the log, then make it live; a log that grows meanwhile is no hindrance.

    An unfinished rebuild is resumed at its checkpoints, unless `fresh`: then it is thrown away first. `drop_previous`
    removes all older versions after the switch. `before_switch` may raise to leave the live version as it is. Raises
    StoreUnavailable if there are no views, LogMismatch as `Projection.apply` does.
    """
    live = await live_view(documents)
    names = await _version_to_build(documents, live)
    if fresh:
        await remove_view(documents, columns, names)
    await make_view(documents, columns, names)
    await documents.commit([Put(VIEWS.name, {"_id": REBUILDING, "_v": names.version, "version": names.version})])
    letters = CollectedDeadLetters()
    projection = Projection(names, log.generation, documents, columns, letters)
    done = await _fill(log, projection, on_progress)
    if before_switch is not None:
        await before_switch()
    await set_live_view(documents, names)
    dropped = (await drop_left_over(documents, columns)).versions if drop_previous else ()
    return RebuildReport(
        previous=live.version,
        version=names.version,
        records=done,
        invalid=tuple(letters.letters),
        dropped=dropped,
    )


async def _version_to_build(documents: Documents, live: ViewNames) -> ViewNames:
    started = await documents.get(VIEWS.name, REBUILDING)
    version = 0 if started is None else started["version"]
    return ViewNames(max(version, live.version + 1))


async def _fill(log: EventLogReader, projection: Projection, on_progress: OnProgress) -> int:
    """Until the version holds what the log held when the last round began. Returns the records that it holds.

    Never "until nothing is new": while clients write something always is. A round takes what they wrote during the one
    before, so little is left; the projector that follows the new version finds it in the log. A log that nobody writes
    to is held to its end.
    """
    projector = InProcessProjector(log, projection, _ROUND)
    await projector.load()
    while True:
        ends = await log.end_offsets()
        _tell(on_progress, projection, projector, ends)
        await projector.round()
        held = projector.next_offsets()
        if all(held[partition] >= ends.get(partition, 0) for partition in held):
            return _tell(on_progress, projection, projector, ends)


def _tell(
    on_progress: OnProgress, projection: Projection, projector: InProcessProjector, ends: Mapping[TopicPartition, int]
) -> int:
    """Returns the records that the version holds."""
    held = projector.next_offsets()
    done = sum(held.values())
    total = sum(ends.get(partition, 0) for partition in held)
    on_progress(RebuildProgress(version=projection.names.version, done=done, total=max(done, total)))
    return done
