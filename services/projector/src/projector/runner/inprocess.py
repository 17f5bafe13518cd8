"""The projector of the embedded product: a loop over the log in the same process. It flushes when idle, no timer."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import structlog

from contracts.errors import LogMismatch
from contracts.position import Position, TopicPartition
from contracts.topics import event_partitions, last_events
from projector.runner.batch import BatchReport, Projection
from projector.runner.retrying import BackOff, Patience
from stores.eventlog.port import EventLogReader, Record

_log = structlog.get_logger(__name__)

_LONGEST_REST_SECONDS = 0.1
"""After a round; a third of what may pass until the views show what was acknowledged."""


class RoundLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one round reads at most. idle_seconds: how long it waits for the log before it looks again."""

    records: int = 2_000
    bytes: int = 4 << 20
    idle_seconds: float = 5.0
    back_off: BackOff = BackOff()


DEFAULT_LIMITS = RoundLimits()


class Progressed:
    """Wakes everyone who waits for the views to move; nobody polls."""

    def __init__(self) -> None:
        self._moved = asyncio.Event()
        self._wanted = asyncio.Event()

    async def wait(self) -> None:
        """Return after the next move, or when the projector ended."""
        self._wanted.set()
        await self._moved.wait()

    async def wanted(self) -> None:
        """Return when somebody waits for the next move."""
        await self._wanted.wait()

    def tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        self._wanted.clear()
        moved.set()


class InProcessProjector:
    """Follows every partition of events from the view's checkpoints on."""

    def __init__(
        self,
        log: EventLogReader,
        projection: Projection,
        limits: RoundLimits = DEFAULT_LIMITS,
        on_lag: Callable[[int], None] = lambda _records: None,
    ) -> None:
        """`on_lag` hears in each round how many records the views do not hold."""
        self.progressed = Progressed()
        self._log = log
        self._projection = projection
        self._limits = limits
        self._patience = Patience(limits.back_off)
        self._partitions: Sequence[TopicPartition] = event_partitions()
        self._on_lag = on_lag
        self._first = 0
        self._next: dict[TopicPartition, int] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def failed(self) -> BaseException | None:
        """What ended the projector; None while it runs and after `stop`."""
        task = self._task
        return task.exception() if task is not None and task.done() and not task.cancelled() else None

    @property
    def trouble(self) -> str | None:
        """Why the views do not follow the log now: a store or the log is away, and is tried again."""
        return self._projection.trouble or self._patience.trouble

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Load the checkpoints and go on in a task.

        Raises LogMismatch if they are ahead of the log or belong to another one.
        """
        await self.load()
        self._task = asyncio.create_task(self._run(), name="projector")
        self._task.add_done_callback(self._ended)

    async def stop(self, grace_seconds: float = 3.0) -> None:
        """Finish what the log held at this moment, at most `grace_seconds` long, then end. May be called twice.

        What is cut off is done again at the next start. Does not raise what `failed` holds.
        """
        if self._task is None:
            return
        self._stopping.set()
        await asyncio.wait({self._task}, timeout=grace_seconds)
        self._task.cancel()
        await asyncio.wait({self._task})

    async def join(self) -> None:
        """Return when the projector ends after `stop`; raise what ended it otherwise."""
        if self._task is not None:
            await asyncio.shield(self._task)

    def next_offsets(self) -> dict[TopicPartition, int]:
        """The offset of the first record of each partition that the views do not hold."""
        return dict(self._next)

    async def lag(self) -> int:
        """Records of the log that the views do not hold. Raises StoreUnavailable if the log cannot be read."""
        return sum(self._missing(await self._log.end_offsets()).values())

    async def caught_up(self, timeout_seconds: float) -> bool:
        """Whether the views reach what the log holds now within the time. Raises what ended the projector."""
        ends = await self._log.end_offsets()
        return await self.applied(last_events(self._log.generation, ends), timeout_seconds)

    async def applied(self, positions: Iterable[Position], timeout_seconds: float) -> bool:
        """Whether the views hold these records within the time. Raises what ended the projector."""
        wanted = list(positions)
        try:
            async with asyncio.timeout(timeout_seconds):
                while not self._holds(wanted):
                    if self.failed is not None:
                        raise self.failed
                    if not self.running:
                        return False
                    await self.progressed.wait()
        except TimeoutError:
            return False
        return True

    def _holds(self, positions: Iterable[Position]) -> bool:
        return all(self._next.get(position.topic_partition, 0) > position.offset for position in positions)

    async def _run(self) -> None:
        while True:
            # Looked at before reading: what was in the log when `stop` was called is still applied.
            stopping = self._stopping.is_set()
            began = time.monotonic()
            report = await self.round()
            if report is None:
                if stopping:
                    return
                await self._wait()
            else:
                await self._rest(time.monotonic() - began)

    async def load(self) -> None:
        """Go to the view's checkpoints; `start` does it too. Raises LogMismatch as `start` does."""
        known = await self._projection.next_offsets()
        ends = await self._log.end_offsets()
        ahead = [f"{p.topic}/{p.partition}" for p, offset in known.items() if offset > ends.get(p, 0)]
        if ahead:
            # New events would get offsets that the views believe to hold, and would never be seen.
            raise LogMismatch(
                f"the views are ahead of the log in {', '.join(ahead)}: restore the log they were made of"
            )
        self._next = {partition: known.get(partition, 0) for partition in self._partitions}

    async def round(self) -> BatchReport | None:
        """Apply what is there, up to the limits; None if there was nothing."""
        records = await self._patience.insist(self._read)
        if not records:
            return None
        report = await self._projection.apply(records)
        for record in records:
            self._next[record.position.topic_partition] = record.position.offset + 1
        self.progressed.tell()
        return report

    async def _read(self) -> list[Record]:
        """From every partition that has something, each round beginning with another one so that none starves."""
        missing = self._missing(await self._log.end_offsets())
        self._on_lag(sum(missing.values()))
        order = [*self._partitions[self._first :], *self._partitions[: self._first]]
        self._first = (self._first + 1) % len(self._partitions)
        records: list[Record] = []
        size = 0
        for partition in order:
            left = self._limits.records - len(records), self._limits.bytes - size
            if missing[partition] == 0 or min(left) <= 0:
                continue
            part = await self._log.read(partition, self._next[partition], max_records=left[0], max_bytes=left[1])
            records += part
            size += sum(len(record.value) for record in part)
        return records

    def _missing(self, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        return {p: max(0, ends.get(p, 0) - self._next.get(p, 0)) for p in self._partitions}

    async def _wait(self) -> None:
        """Until the log has more or `stop` is called."""
        beyond = asyncio.ensure_future(
            self._patience.insist(lambda: self._log.wait_beyond(self._next, self._limits.idle_seconds))
        )
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({beyond, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            beyond.cancel()
            results = await asyncio.gather(beyond, stopping, return_exceptions=True)
        if isinstance(results[0], Exception):
            raise results[0]

    async def _rest(self, seconds: float) -> None:
        """As long as the round took, unless somebody waits for the views: who sends to the log goes first.

        Rounds share the interpreter with those who answer clients, and each has the same cost for every run that it
        touches, one event or twenty. An event that finds the projector idle waits for nothing.
        """
        wanted = asyncio.ensure_future(self.progressed.wanted())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            timeout = min(seconds, _LONGEST_REST_SECONDS)
            await asyncio.wait({wanted, stopping}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wanted.cancel()
            stopping.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            _log.error("the projector stopped", exc_info=task.exception())
        self.progressed.tell()
