"""Blobs of purged runs are removed, in the order of the log and with a checkpoint of its own.

Nothing of it is a view: a rebuild neither repeats nor undoes it. Done twice it does no harm, since each time it looks
what is still needed. The key of content names its run and not the incarnation (see the decision record on claim
checks), so what a newer incarnation of the id names stays. What the run's clients sent after the purge is looked for
once more when its tombstone is cleared: requests store before they append, and the fold dropped their events.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from contracts.errors import LogMismatch, Unavailable
from contracts.keys import UPLOADS, content_place, run_of_sequence_upload, trash_id
from contracts.position import Position, split_version
from contracts.read_models import TrashedRun, from_document
from contracts.tables import RUN_ARTIFACTS, RUN_STATES, TRASH, ViewNames
from contracts.topics import RUNS, TOPICS, last_events
from projector.effects.needed_content import needed_content
from projector.fold.run_state import RunState, unpack_state
from projector.fold.trashed import is_restorable
from projector.projections.purged import is_purged
from stores.blobs.port import Blobs, StoredBlob
from stores.blobs.removing import remove_unchanged
from stores.columns.port import ColumnReader
from stores.documents.port import AllOf, AnyOf, Checkpoint, Condition, Documents, Where
from stores.errors import StoreUnavailable
from stores.eventlog.port import EventLogReader
from stores.views import live_view, reaches

EFFECTS = "effects"
"""Names the checkpoints of what was removed, as a view's version names its own."""

_AT_ONCE = 8
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 20.0
_log = structlog.get_logger(__name__)


class BlobRemovalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """blob_settle_seconds: TALLYBOOK_BLOB_SETTLE_SECONDS; where the id of a purged run may be used again, its blobs
    wait so long after the purge, or after the clearing of its tombstone: what a request stored before has then been
    named by an event, or never will be.
    blob_pause_seconds: TALLYBOOK_BLOB_PAUSE_SECONDS; between two looks at what was purged.
    """

    blob_settle_seconds: float = 3_600.0
    blob_pause_seconds: float = 10.0


@dataclass
class BlobRemoval:
    """One is enough; two do the same work twice and no harm. clock: seconds UTC. on_removed: hears how many."""

    log: EventLogReader
    documents: Documents
    columns: ColumnReader
    blobs: Blobs
    clock: Callable[[], float]
    settings: BlobRemovalSettings
    on_removed: Callable[[int], None] = lambda _count: None
    _finished: set[tuple[str, int | None]] = field(default_factory=set)
    """Purges behind one that waits: their blobs are gone, but the checkpoint cannot pass the one before them."""

    async def run(self) -> None:
        """Look again and again, for ever; a store that is away is asked again after the pause."""
        while True:
            try:
                await self.round()
            except Unavailable as error:
                _log.warning("blobs of purged runs are left for later", error=str(error))
            except LogMismatch as error:
                # Another process moved the checkpoint meanwhile: the next round begins where that one is.
                _log.warning("blobs of purged runs were removed by somebody else", error=str(error))
            except Exception as error:  # noqa: BLE001 - nobody would miss the removal for weeks if a bug ended it
                _log.error("removing blobs of purged runs failed", exc_info=error)
            await asyncio.sleep(self.settings.blob_pause_seconds)

    async def round(self) -> int:
        """Remove what the events since the checkpoint left behind; how many blobs. Raises StoreUnavailable."""
        names = await live_view(self.documents)
        following = await self._following()
        waiting: set[int] = set()
        removed = 0
        purges = AnyOf(tuple(self._purges_from(partition, offset) for partition, offset in following.items()))
        async for batch in self.documents.find(names.collection(TRASH), purges, sort=(("purge", 1),)):
            for entry in (from_document(document, TrashedRun) for document in batch):
                look = entry.id, entry.purge
                count = 0 if look in self._finished else await self._removed(names, entry)
                if count is None:
                    waiting.add(entry.partition)
                    continue
                removed += count
                self.on_removed(count)
                if entry.partition in waiting:
                    self._finished.add(look)
                else:
                    await self._advance(entry)
                    self._finished.discard(look)
        return removed

    def _purges_from(self, partition: int, offset: int) -> Where:
        first = Position(self.log.generation, RUNS, partition, offset).version
        return AllOf((Condition("partition", "eq", partition), Condition("purge", "gte", first)))

    async def _following(self) -> dict[int, int]:
        """The offset from which on purges are new, of every partition."""
        stored = (await self.documents.checkpoints(EFFECTS)).values()
        if any(checkpoint.generation != self.log.generation for checkpoint in stored):
            await self.documents.drop([], EFFECTS)  # of a log that was replaced; what is repeated does no harm
            stored = {}.values()
        known = {checkpoint.partition: checkpoint.offset + 1 for checkpoint in stored}
        return {partition: known.get(partition, 0) for partition in range(TOPICS[RUNS].partitions)}

    async def _advance(self, entry: TrashedRun) -> None:
        generation, offset = split_version(entry.purge or 0)
        await self.documents.commit([], [Checkpoint(EFFECTS, generation, RUNS, entry.partition, offset)])

    async def _removed(self, names: ViewNames, entry: TrashedRun) -> int | None:
        """How many blobs were removed; None if it is too early to tell what is needed."""
        state = await self._state_after(names, entry)
        if state is None or entry.purged_at is None:
            return None
        until = max(entry.purged_at, entry.cleared_at or entry.purged_at)
        # Below its tombstone the run takes nothing, so that nothing new can be named. Without one a request may have
        # stored a blob whose event is on its way.
        if state.phase != "deleted":
            if self.clock() < until + self.settings.blob_settle_seconds or not await self._is_caught_up(names):
                return None
            state = await self._state_after(names, entry)
            if state is None:
                return None
        removed = 0
        unknown_needs = _has_unknown_needs(state)
        if not unknown_needs:
            needed = set() if is_purged(state) else await needed_content(self.documents, self.columns, names, state)
            async for batch in self.blobs.listed(content_place(state.run_id)):
                old = [blob for blob in batch if blob.modified < until]
                free = [blob for blob in old if blob.key.rpartition("/")[2] not in needed]
                removed += await self._remove(names, free)
        of_sequences = 0.0 if unknown_needs else await self._sequences_until(names, state)
        async for batch in self.blobs.listed(f"{UPLOADS}/{state.run_id}"):
            old = [blob for blob in batch if blob.modified < until]
            free = [blob for blob in old if blob.modified < of_sequences or run_of_sequence_upload(blob.key) is None]
            removed += await self._remove(names, await self._unannounced(names, free))
        return removed

    async def _sequences_until(self, names: ViewNames, state: RunState) -> float:
        """Until when uploads of images and sounds are not of the incarnation of this state: its objects name them."""
        if is_purged(state):
            return math.inf
        document = await self.documents.get(names.collection(TRASH), trash_id(state.run_id, state.incarnation - 1))
        before = None if document is None else from_document(document, TrashedRun)
        return 0.0 if before is None or before.next_from is None else before.next_from

    async def _state_after(self, names: ViewNames, entry: TrashedRun) -> RunState | None:
        """The state of the run, if it holds the event by which blobs go.

        Where documents are written one by one, those of `trash` come first: an older state knows neither that this
        incarnation is purged nor of a newer one.
        """
        document = await self.documents.get(names.collection(RUN_STATES), entry.run_id)
        state = None if document is None else unpack_state(document["state"])
        return None if state is None or state.version < (entry.purge or 0) else state

    async def _unannounced(self, names: ViewNames, uploads: Sequence[StoredBlob]) -> list[StoredBlob]:
        """Those that no artifact of any run names: a client may announce what was uploaded for another run."""
        if not uploads:
            return []
        wanted = Condition("place", "in", [blob.key for blob in uploads])
        artifacts = self.documents.find(names.collection(RUN_ARTIFACTS), wanted)
        needed = {artifact["place"] async for batch in artifacts for artifact in batch}
        return [blob for blob in uploads if blob.key not in needed]

    async def _remove(self, names: ViewNames, blobs: Sequence[StoredBlob]) -> int:
        # A version that was replaced meanwhile may be dropped: what it did not tell may be needed all the same.
        if blobs and await live_view(self.documents) != names:
            raise StoreUnavailable("the views were switched; what is needed is asked of the new ones")
        busy = asyncio.Semaphore(_AT_ONCE)

        async def remove(blob: StoredBlob) -> bool:
            async with busy:
                return await remove_unchanged(self.blobs, blob)

        return sum(await asyncio.gather(*(remove(blob) for blob in blobs)))

    async def _is_caught_up(self, names: ViewNames) -> bool:
        """Whether the views came to hold all that the log held at the call."""
        last = last_events(self.log.generation, await self.log.end_offsets())
        wanted = [position for position in last if position.topic == RUNS]
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while not await reaches(self.documents, names.view, wanted):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True


def _has_unknown_needs(state: RunState) -> bool:
    """Whether an older incarnation still lies in the trash, whose params no view holds any more.

    Its own purge comes, and with it the next look.
    """
    return any(is_restorable(state.trash, number) for number in state.trash if number != state.incarnation)
