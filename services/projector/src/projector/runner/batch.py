"""One version of the views and the records that go into it: exactly-once effect from at-least-once delivery.

The order of each batch: dead letters, columns, documents, checkpoints; only then does `apply` return and may a delivery
be acknowledged. A crash anywhere in between replays records whose writes change nothing the second time.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass

import msgspec

from contracts.position import TopicPartition
from contracts.tables import LOG_LINES, LOG_RECORDS, OBJECTS, TABLES, ViewNames
from contracts.topics import CATALOG
from projector.fold.catalog_state import CatalogState
from projector.fold.run_state import RunState
from projector.metrics import ProjectorMetrics
from projector.runner.catalog_loading import load_catalog
from projector.runner.dead_letters import DeadLetters
from projector.runner.folding import Folded, fold_batch
from projector.runner.giving_way import giving_way
from projector.runner.progress import Progress
from projector.runner.reading import Readable, Unreadable, read
from projector.runner.redo import finish_interrupted
from projector.runner.retrying import BackOff, Patience
from projector.runner.states import CacheLimits, StateCache, load_states
from projector.runner.writes import BatchWrites, writes_for
from stores.columns.port import Columns
from stores.documents.port import Checkpoint, Documents
from stores.eventlog.port import Record
from stores.views import require_live


class BatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of records of the log. `repeated` were in the views before, wholly or but for the checkpoint.

    points, objects, lines (of terminals) and records (of loggers) are counts of rows.
    """

    applied: int = 0
    ignored: int = 0
    invalid: int = 0
    repeated: int = 0
    points: int = 0
    objects: int = 0
    lines: int = 0
    records: int = 0


class ProjectionLimits(msgspec.Struct, frozen=True, kw_only=True):
    cache: CacheLimits = CacheLimits()
    back_off: BackOff = BackOff()


DEFAULT_LIMITS = ProjectionLimits()


@dataclass
class _Memory:
    """What is known of the store; thrown away whenever a batch does not come to its end."""

    progress: Progress
    catalog: CatalogState


class Projection:
    """Applies records to one view version. One batch at a time; callers wait for each other."""

    def __init__(
        self,
        names: ViewNames,
        generation: int,
        documents: Documents,
        columns: Columns,
        dead_letters: DeadLetters,
        *,
        live: bool = False,
        metrics: ProjectorMetrics | None = None,
        limits: ProjectionLimits = DEFAULT_LIMITS,
    ) -> None:
        """`live`: the version is the one that everybody reads, and nothing is written once another one is."""
        self.names = names
        self._live = live
        self._generation = generation
        self._documents = documents
        self._columns = columns
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._patience = Patience(limits.back_off, self._count_retry)
        self._cache = StateCache(limits.cache)
        self._memory: _Memory | None = None
        self._busy = asyncio.Lock()

    @property
    def trouble(self) -> str | None:
        """Why the views cannot be written or read now, while that is tried again; None as long as all goes well."""
        return self._patience.trouble

    async def next_offsets(self) -> dict[TopicPartition, int]:
        """Where reading goes on, of the partitions of which the view holds something; 0 for all others.

        Raises LogMismatch if the view's checkpoints are of another generation than the log, or if it was to be live
        and is not.
        """
        async with self._busy:
            return (await self._remembered()).progress.next_offsets()

    async def apply(self, records: Sequence[Record]) -> BatchReport:
        """Bring the views to the last of these records; when it returns their effect is durable.

        Records of one partition come in their order; what the views hold already is dropped. A store that is
        unavailable is tried again in place, for as long as it takes. Raises LogMismatch (a gap, another generation, a
        checkpoint that somebody else moved, another live version), or whatever a bug raises: the process must stop
        then. After an error or a cancelled call the stores may hold a part of the batch; applying it again completes
        it. Raises TooManyDeadLetters when the views hold the batch, invalid events left out: were it held back, no
        start could ever pass it.
        """
        async with self._busy:
            started = time.perf_counter()
            memory = await self._remembered()
            unseen = memory.progress.unseen(records)
            if not unseen:
                return self._counted(BatchReport(repeated=len(records)))
            self._memory = None
            report = await self._apply(memory, unseen, len(records) - len(unseen))
            self._memory = memory
            if self._metrics is not None:
                self._metrics.batch_seconds.observe(time.perf_counter() - started)
            self._counted(report)
            self._dead_letters.check()
            return report

    async def forget(self) -> None:
        """Drop everything held in memory: partitions came or went, so others may have written. Waits for a batch."""
        async with self._busy:
            self._memory = None

    async def _remembered(self) -> _Memory:
        if self._memory is None:
            self._cache.clear()
            self._memory = await self._patience.insist(self._load)
        return self._memory

    async def require_live(self) -> None:
        """Raises LogMismatch if the version was to be live and is not, StoreUnavailable."""
        if self._live:
            await require_live(self._documents, self.names)

    async def _load(self) -> _Memory:
        # A switch may have come between the look-up of the version and the work, or while others had the partitions.
        await self.require_live()
        await finish_interrupted(self._documents, self.names)
        checkpoints = await self._documents.checkpoints(self.names.view)
        progress = Progress(self.names.view, self._generation, checkpoints)
        return _Memory(progress, await load_catalog(self._documents, self.names))

    async def _apply(self, memory: _Memory, unseen: Sequence[Record], repeated: int) -> BatchReport:
        # In a thread: folding is pure, and the loop of the embedded product serves requests meanwhile.
        events = await asyncio.to_thread(lambda: [read(record) for record in giving_way(unseen)])
        states = await self._patience.insist(lambda: self._states_of(events))
        folded, writes = await asyncio.to_thread(_decide, self.names, events, states, memory.catalog)
        checkpoints = memory.progress.checkpoints_after(unseen)
        await self._write(folded, writes, checkpoints)
        memory.progress.advance(checkpoints)
        memory.catalog = folded.catalog
        self._cache.keep(writes.states)
        decided = folded.applied + folded.ignored + len(folded.letters)
        return BatchReport(
            applied=folded.applied,
            ignored=folded.ignored,
            invalid=len(folded.letters),
            repeated=repeated + len(unseen) - decided,
            points=_length(writes.points),
            objects=_length(writes.objects),
            lines=_length(writes.lines),
            records=_length(writes.records),
        )

    async def _states_of(self, events: Iterable[Readable | Unreadable]) -> dict[str, RunState]:
        run_ids = dict.fromkeys(
            each.recorded.header.key
            for each in events
            if isinstance(each, Readable) and each.record.position.topic != CATALOG
        )
        return await load_states(self._documents, self.names, self._cache, list(run_ids))

    async def _write(self, folded: Folded, writes: BatchWrites, checkpoints: Sequence[Checkpoint]) -> None:
        # Columns before documents and checkpoints, always: a checkpoint must never be ahead of the rows it vouches for.
        if folded.letters:
            await self._patience.insist(lambda: self._dead_letters.put(folded.letters))
        if (points := writes.points) is not None:
            await self._patience.insist(lambda: self._columns.insert_points(self.names.points, points))
        if (objects := writes.objects) is not None:
            await self._patience.insist(lambda: self._columns.insert_objects(self.names.objects, objects))
        if (lines := writes.lines) is not None:
            await self._patience.insist(lambda: self._columns.insert_log(self.names.log_lines, lines))
        if (records := writes.records) is not None:
            await self._patience.insist(lambda: self._columns.insert_log(self.names.log_records, records))
        # After the inserts: rows of this batch may be of a run that it purges, and a replay writes them once more.
        if writes.purged:
            for table in TABLES:
                await self._delete(table, writes.purged)
        await self._patience.insist(lambda: self._documents.commit(writes.documents, checkpoints))

    async def _delete(self, table: str, data_keys: Sequence[int]) -> None:
        await self._patience.insist(lambda: self._columns.delete_rows(self.names.table(table), data_keys))

    def _counted(self, report: BatchReport) -> BatchReport:
        metrics = self._metrics
        if metrics is not None:
            metrics.events.labels("applied").inc(report.applied)
            metrics.events.labels("ignored").inc(report.ignored)
            metrics.events.labels("invalid").inc(report.invalid)
            metrics.dropped.inc(report.repeated)
            metrics.points.inc(report.points)
            metrics.rows.labels(OBJECTS).inc(report.objects)
            metrics.rows.labels(LOG_LINES).inc(report.lines)
            metrics.rows.labels(LOG_RECORDS).inc(report.records)
        return report

    def _count_retry(self) -> None:
        if self._metrics is not None:
            self._metrics.store_retries.inc()


def _length(rows: Sized | None) -> int:
    return 0 if rows is None else len(rows)


def _decide(
    names: ViewNames, events: Sequence[Readable | Unreadable], states: dict[str, RunState], catalog: CatalogState
) -> tuple[Folded, BatchWrites]:
    folded = fold_batch(giving_way(events), states, catalog)
    return folded, writes_for(names, folded)
