"""Documents and checkpoints in one SQLite file: one writer, reads beside it in threads.

WAL with synchronous=FULL: a commit that returned survives a power cut. The file belongs to one process at a time.
"""

import asyncio
import os
import queue
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from contracts.position import TopicPartition
from contracts.tables import Index
from stores.documents import sqlite_writing as writing
from stores.documents.matching import full_order
from stores.documents.port import Checkpoint, Document, Where, Write
from stores.documents.sqlite_queries import EVERYTHING, after_sql
from stores.documents.sqlite_reading import Search, read_ids
from stores.errors import StoreUnavailable

_T = TypeVar("_T")

_READERS = 3
_BUSY_SECONDS = 5.0
_WAL_LIMIT_BYTES = 64 << 20


class SqliteDocuments:
    """The documents port over SQLite. Get one by `open`."""

    def __init__(self, path: Path, writer: sqlite3.Connection, readers: Sequence[sqlite3.Connection]) -> None:
        self._path = path
        self._writer = writer
        self._readers = readers
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        for reader in readers:
            self._idle.put(reader)
        self._write_thread = ThreadPoolExecutor(1, "documents-writer")
        self._read_threads = ThreadPoolExecutor(len(readers), "documents-reader")
        self._collections = writing.stored_collections(writer)
        self._closed = False

    @classmethod
    async def open(cls, path: str | os.PathLike[str]) -> Self:
        """Open the file, or make it. Raises StoreUnavailable if it cannot be had or is no database."""
        return await asyncio.to_thread(cls._open, Path(path))

    @classmethod
    def _open(cls, path: Path) -> Self:
        with _translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = _connect(path)
            try:
                writer.execute("PRAGMA journal_mode=WAL")
                writer.execute("PRAGMA synchronous=FULL")
                writer.execute(f"PRAGMA journal_size_limit={_WAL_LIMIT_BYTES}")
                writing.create_checkpoints(writer)
                _sync_folder(path.parent)
                return cls(path, writer, [_connect(path) for _ in range(_READERS)])
            except BaseException:
                writer.close()
                raise

    async def close(self) -> None:
        """Ends when the running calls ended; may be called twice."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._read_threads.shutdown()
        self._write_thread.shutdown()
        for connection in (*self._readers, self._writer):
            connection.close()

    async def check(self) -> None:
        await self._read(lambda connection: connection.execute("SELECT 1").fetchone())

    async def get(self, collection: str, id: str) -> Document | None:
        return (await self.get_many(collection, [id])).get(id)

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        if collection not in self._collections:
            return {}
        return await self._read(partial(read_ids, collection=collection, ids=ids))

    async def find(
        self,
        collection: str,
        where: Where | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
        batch: int = 500,
    ) -> AsyncIterator[list[Document]]:
        search = self._search(collection, where, sort)
        if search is None:
            return
        pages = self._pages if search.has_columns_for_order else self._pages_of_ids
        async for documents in pages(search, limit, batch):
            if documents:
                yield documents

    async def _pages(self, search: Search, limit: int, batch: int) -> AsyncIterator[list[Document]]:
        """Each page begins after the end of the one before, so that nothing is held while the caller works."""
        after, left = EVERYTHING, limit
        while True:
            size = min(batch, left) if limit else batch
            documents, last = await self._read(partial(search.page, after=after, size=size))
            yield documents
            left -= len(documents)
            if last is None or (limit and left <= 0):
                return
            after = after_sql(search.order, last)

    async def _pages_of_ids(self, search: Search, limit: int, batch: int) -> AsyncIterator[list[Document]]:
        """For an order that no columns have: the ids are sorted in memory, then the documents read in their order."""
        ids = await self._read(search.ids_in_order)
        ids = ids[:limit] if limit else ids
        for start in range(0, len(ids), batch):
            part = ids[start : start + batch]
            found = await self.get_many(search.collection, part)
            yield [found[id] for id in part if id in found and search.accepts(found[id])]

    async def count(self, collection: str, where: Where | None = None) -> int:
        search = self._search(collection, where, ())
        return 0 if search is None else await self._read(search.count)

    async def checkpoints(self, view: str) -> dict[TopicPartition, Checkpoint]:
        return await self._read(partial(writing.read_checkpoints, view=view))

    async def ensure(self, collections: Mapping[str, Sequence[Index]]) -> None:
        def change() -> bool:
            writing.ensure(self._writer, collections)
            return True

        await self._write(change)

    async def commit(self, writes: Sequence[Write], checkpoints: Iterable[Checkpoint] = ()) -> None:
        moves = tuple(checkpoints)

        def change() -> bool:
            made = writing.write(self._writer, writes, self._collections)
            for move in moves:
                writing.move_checkpoint(self._writer, move)
            return made

        await self._write(change)

    async def drop(self, collections: Iterable[str], view: str | None = None) -> None:
        names = tuple(collections)

        def change() -> bool:
            writing.drop(self._writer, names, view)
            return True

        await self._write(change)

    def _search(self, collection: str, where: Where | None, sort: Sequence[tuple[str, int]]) -> Search | None:
        fields = self._collections.get(collection)
        return None if fields is None else Search(collection, where, fields, full_order(sort))

    async def _read(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        def ask() -> _T:
            connection = self._idle.get()
            try:
                with _translated(self._path):
                    return question(connection)
            finally:
                self._idle.put(connection)

        return await self._run(self._read_threads, ask)

    async def _write(self, change: Callable[[], bool]) -> None:
        """One transaction; `change` says whether it changed which tables and columns there are."""

        def apply() -> None:
            with _translated(self._path):
                with _transaction(self._writer):
                    changed = change()
                # Not before the end: a reader may ask for a column only when its transaction shows it.
                if changed:
                    self._collections = writing.stored_collections(self._writer)

        await self._run(self._write_thread, apply)

    async def _run(self, threads: ThreadPoolExecutor, call: Callable[[], _T]) -> _T:
        if self._closed:
            raise StoreUnavailable(f"{self._path.name} is closed")
        return await asyncio.get_running_loop().run_in_executor(threads, call)


def _connect(path: Path) -> sqlite3.Connection:
    # Connections move between threads of a pool, one thread at a time.
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _sync_folder(folder: Path) -> None:
    """A new file survives a power cut only when its folder was synced too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError):
        raise  # the caller's fault: trying again cannot help
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"{path.name}: {error}") from error
