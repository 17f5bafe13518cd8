"""The embedded log: one SQLite file with the shape of the cluster's topics. Writer and reader in one object.

One process owns the file (the data folder's lock sees to that) and one object has it open, on one event loop.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from contracts.errors import TallybookError
from contracts.position import Position, TopicPartition
from stores.errors import StoreUnavailable
from stores.eventlog import sqlite_file
from stores.eventlog.admission import QueueBudget, checked_size
from stores.eventlog.partitions import require_known
from stores.eventlog.port import NewRecord, Record

_READ_THREADS = 4
_COLUMNS = 3
_ROWS_OF_A_STATEMENT = 64
"""A power of two: with its halves and 13 partitions fewer statements than a connection keeps prepared."""
_CLOSED = "the log is closed"
_T = TypeVar("_T")


class _Append(NamedTuple):
    """One call of `append` on its way to the file and back."""

    records: Sequence[NewRecord]
    size: int
    answer: asyncio.Future[list[Position]]


class _Committed(NamedTuple):
    positions: list[list[Position]]
    ends: dict[TopicPartition, int]


class SqliteEventLog:
    """Appends through one thread with group commit; reads on connections and threads of its own.

    All appends that wait when the thread comes round make one transaction and share one sync, so more load makes
    larger groups and not a longer queue. If a commit fails, the whole group is answered with StoreUnavailable and the
    file is as before; only when its last sync failed can a crash right after bring the group back, whole. Repeats carry
    dedupe ids, so that is harmless.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, max_queued_bytes: int) -> None:
        """Use `open`; needs a running loop."""
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._budget = QueueBudget(max_queued_bytes)
        self._connection = connection
        self._generation = sqlite_file.read_generation(connection)
        self._ends = sqlite_file.read_end_offsets(connection)
        self._grown = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None

        self._turn = threading.Condition()
        self._queue: list[_Append] = []  # guarded by _turn, as is _stop
        self._stop = False
        self._next: dict[TopicPartition, int] | None = None  # of the writing thread; None after a failure

        self._idle_readers: deque[sqlite3.Connection] = deque()
        self._read_threads = ThreadPoolExecutor(_READ_THREADS, "event-log-read")
        self._write_thread = threading.Thread(target=self._write, name="event-log-write", daemon=True)
        self._write_thread.start()

    @classmethod
    async def open(cls, path: Path, *, max_queued_bytes: int = 64 << 20) -> Self:
        """Open the log at `path`; its folder must exist, the file is made when missing.

        Raises StoreUnavailable if the file cannot be opened, LogMismatch if it is no sound log of this shape.
        """
        connection = await asyncio.to_thread(sqlite_file.open_writing, path)
        with sqlite_file.translated():
            return cls(path, connection, max_queued_bytes)

    @property
    def generation(self) -> int:
        return self._generation

    async def append(self, records: Sequence[NewRecord]) -> list[Position]:
        size = checked_size(records)
        self._require_open()
        if not records:
            return []
        self._budget.take(size)
        call = _Append(records, size, self._loop.create_future())
        with self._turn:
            if self._stop:
                self._budget.release(size)
                raise StoreUnavailable("the log's writing thread has ended")
            self._queue.append(call)
            self._turn.notify()
        return await call.answer

    async def read(
        self, partition: TopicPartition, offset: int, *, max_records: int = 2_000, max_bytes: int = 8 << 20
    ) -> list[Record]:
        require_known(partition)
        return await self._in_reader(
            lambda connection: _read(connection, self._generation, partition, offset, max_records, max_bytes)
        )

    async def end_offsets(self) -> dict[TopicPartition, int]:
        return await self._in_reader(sqlite_file.read_end_offsets)

    async def wait_beyond(self, offsets: Mapping[TopicPartition, int], timeout_seconds: float) -> bool:
        """Woken by the commits of this object, never by a timer."""
        for partition in offsets:
            require_known(partition)
        try:
            async with asyncio.timeout(timeout_seconds):
                while not any(self._ends[partition] > offset for partition, offset in offsets.items()):
                    self._require_open()
                    await self._grown.wait()
        except TimeoutError:
            return False
        return True

    async def check(self) -> None:
        await self._in_reader(sqlite_file.read_generation)

    async def close(self) -> None:
        if self._closing is None:
            self._closing = self._loop.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._wake_waiters()
        await asyncio.to_thread(self._release)

    def _release(self) -> None:
        with self._turn:
            self._stop = True
            self._turn.notify()
        self._write_thread.join()
        self._read_threads.shutdown()
        # The last connection that closes moves the write-ahead log into the file; that must be the one that may write.
        while self._idle_readers:
            self._idle_readers.pop().close()
        self._connection.close()

    def _require_open(self) -> None:
        if self._closing is not None:
            raise StoreUnavailable(_CLOSED)

    def _wake_waiters(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    async def _in_reader(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        self._require_open()
        return await self._loop.run_in_executor(self._read_threads, self._ask, question)

    def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            connection = self._idle_readers.pop()
        except IndexError:
            connection = sqlite_file.open_reading(self._path)
        try:
            with sqlite_file.translated():
                return question(connection)
        finally:
            self._idle_readers.append(connection)

    def _write(self) -> None:
        """The writing thread: until closed, commit what waits and answer."""
        group: list[_Append] = []
        try:
            while group := self._next_group():
                self._answer(group, self._commit(group))
                group = []
        finally:
            # Reached with appends only if this thread fails: nobody may wait for ever.
            with self._turn:
                self._stop = True
                group = group + self._queue
            if group:
                self._answer(group, StoreUnavailable("the log's writing thread has failed"))

    def _next_group(self) -> list[_Append]:
        """All appends that wait; empty once closed."""
        with self._turn:
            self._turn.wait_for(lambda: self._queue or self._stop)
            group, self._queue = self._queue, []
            return group

    def _commit(self, group: list[_Append]) -> _Committed | TallybookError:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            # After a failed COMMIT the file alone knows where each partition ends.
            ends, self._next = self._next or sqlite_file.read_end_offsets(self._connection), None
            done = self._place(group, dict(ends))
            rows: dict[TopicPartition, list[int | str | bytes]] = {}
            for call, positions in zip(group, done.positions, strict=True):
                for record, position in zip(call.records, positions, strict=True):
                    rows.setdefault(position.topic_partition, []).extend((position.offset, record.key, record.value))
            for partition, values in rows.items():
                self._insert(sqlite_file.table_of(partition), values)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            return self._give_up(error)
        self._next = done.ends
        return done

    def _insert(self, table: str, values: Sequence[int | str | bytes]) -> None:
        """values: offset, key and value of one record behind those of another.

        Many rows by one statement: between rows another thread may take the interpreter, for milliseconds each time.
        Few different numbers of rows, so that the statements are prepared once.
        """
        start, count = 0, _ROWS_OF_A_STATEMENT
        while start < len(values):
            while count * _COLUMNS > len(values) - start:
                count //= 2
            end = start + count * _COLUMNS
            rows = ", ".join(["(?, ?, ?)"] * count)
            self._connection.execute(f"INSERT INTO {table} VALUES {rows}", values[start:end])  # noqa: S608 - our own constants
            start = end

    def _place(self, group: list[_Append], ends: dict[TopicPartition, int]) -> _Committed:
        """Give every record the next offset of its partition; moves `ends` on."""
        placed: list[list[Position]] = []
        for call in group:
            positions = []
            for record in call.records:
                partition = TopicPartition(record.topic, record.partition)
                positions.append(Position(self._generation, *partition, ends[partition]))
                ends[partition] += 1
            placed.append(positions)
        return _Committed(placed, ends)

    def _give_up(self, error: sqlite3.Error) -> TallybookError:
        """Undo the transaction; the next one starts on a fresh footing."""
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as second:
                error.add_note(f"and rolling back: {second}")
        return sqlite_file.translate(error)

    def _answer(self, group: list[_Append], outcome: _Committed | TallybookError) -> None:
        """From the writing thread: one wake-up of the loop for the whole group."""
        try:
            self._loop.call_soon_threadsafe(self._settle, group, outcome)
        except RuntimeError:
            # The loop was closed without closing the log; those who waited are gone with it.
            with self._turn:
                self._stop = True

    def _settle(self, group: list[_Append], outcome: _Committed | TallybookError) -> None:
        """On the loop. A caller that was cancelled has its records in the log all the same."""
        for call in group:
            self._budget.release(call.size)
        if isinstance(outcome, TallybookError):
            for call in group:
                if not call.answer.done():
                    call.answer.set_exception(type(outcome)(outcome.message))
            return
        self._ends = outcome.ends
        self._wake_waiters()
        for call, positions in zip(group, outcome.positions, strict=True):
            if not call.answer.done():
                call.answer.set_result(positions)


def _read(
    connection: sqlite3.Connection,
    generation: int,
    partition: TopicPartition,
    offset: int,
    max_records: int,
    max_bytes: int,
) -> list[Record]:
    records: list[Record] = []
    size = 0
    query = (
        f"SELECT offset, key, value FROM {sqlite_file.table_of(partition)} WHERE offset >= ? ORDER BY offset LIMIT ?"  # noqa: S608 - our own constants
    )
    with closing(connection.execute(query, (offset, max(max_records, 1)))) as rows:
        for at, key, value in rows:
            size += len(value)
            if records and size > max_bytes:
                break
            records.append(Record(Position(generation, *partition, at), key, value))
    return records
