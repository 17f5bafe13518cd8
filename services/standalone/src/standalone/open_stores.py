"""The stores of the embedded product, opened at the same time and closed together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from standalone.data_folder import DataFolder
from stores.blobs.filesystem import FilesystemBlobs
from stores.columns.clickhouse import ClickHouseColumns
from stores.documents.sqlite import SqliteDocuments
from stores.eventlog.sqlite import SqliteEventLog


class _Closable(Protocol):
    async def close(self) -> None: ...


_T = TypeVar("_T", bound=_Closable)


@dataclass(frozen=True, slots=True)
class Stores:
    log: SqliteEventLog
    documents: SqliteDocuments
    columns: ClickHouseColumns
    blobs: FilesystemBlobs


@asynccontextmanager
async def open_stores(folder: DataFolder, *, warm: bool = False) -> AsyncIterator[Stores]:
    """The caller owns the folder. warm: pay for the engine's first insert and select now.

    Raises StoreUnavailable, LogMismatch. The process may not fork any more: the engine hangs in a child.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(folder.temporary_files())
        log = asyncio.ensure_future(_opened(stack, SqliteEventLog.open(folder.events)))
        documents = asyncio.ensure_future(_opened(stack, SqliteDocuments.open(folder.documents)))
        columns = asyncio.ensure_future(_opened(stack, _open_columns(f"chdb://{folder.columns}", warm)))
        blobs = asyncio.ensure_future(_opened(stack, FilesystemBlobs.open(str(folder.blobs))))
        try:
            await asyncio.gather(log, documents, columns, blobs)
        except BaseException:
            # Those that are still opening end first; the stack closes what they opened.
            await asyncio.gather(log, documents, columns, blobs, return_exceptions=True)
            raise
        yield Stores(log.result(), documents.result(), columns.result(), blobs.result())


async def _opened(stack: AsyncExitStack, opening: Awaitable[_T]) -> _T:
    store = await opening
    stack.push_async_callback(store.close)
    return store


async def _open_columns(dsn: str, warm: bool) -> ClickHouseColumns:
    columns = await ClickHouseColumns.open(dsn)
    if warm:
        try:
            await columns.warm_up()
        except BaseException:
            await columns.close()
            raise
    return columns
