"""The embedded product composed for tests: commands, projector and queries over one set of stores, in one app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments, FakeEventLog

from command_api import bootstrap as command_api
from edge.app import create_app, served
from edge.settings import EdgeSettings
from projector import bootstrap as projector
from projector.bootstrap import InProcessProjector
from query_api import bootstrap as query_api
from stores.blobs.filesystem import FilesystemBlobs
from stores.blobs.port import Blobs
from stores.columns.clickhouse import ClickHouseColumns
from stores.documents.sqlite import SqliteDocuments
from stores.eventlog.sqlite import SqliteEventLog

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Product:
    client: httpx.AsyncClient
    projector: InProcessProjector

    async def caught_up(self) -> None:
        """Return when the views hold everything that was acknowledged."""
        assert await self.projector.caught_up(_PATIENCE_SECONDS)


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Product]:
    """On SQLite and chDB, as users run it."""
    async with AsyncExitStack() as stack:
        log = await SqliteEventLog.open(folder / "events.sqlite")
        stack.push_async_callback(log.close)
        documents = await SqliteDocuments.open(folder / "documents.sqlite")
        stack.push_async_callback(documents.close)
        columns = await ClickHouseColumns.open(f"chdb://{folder / 'columns'}")
        stack.push_async_callback(columns.close)
        blobs = await FilesystemBlobs.open(str(folder / "blobs"))
        stack.push_async_callback(blobs.close)
        yield await stack.enter_async_context(_composed(log, documents, columns, blobs))


@asynccontextmanager
async def in_memory() -> AsyncIterator[Product]:
    """On the fakes: quick to make, for a project without anything in it."""
    async with _composed(FakeEventLog(), FakeDocuments(), FakeColumns(), FakeBlobs()) as product:
        yield product


Log = SqliteEventLog | FakeEventLog
Documents = SqliteDocuments | FakeDocuments
Columns = ClickHouseColumns | FakeColumns


@asynccontextmanager
async def _composed(log: Log, documents: Documents, columns: Columns, blobs: Blobs) -> AsyncIterator[Product]:
    follower = await projector.in_process(log, log, documents, columns)
    await follower.start()

    async def moved(seconds: float) -> None:
        waiting = asyncio.ensure_future(follower.progressed.wait())
        await asyncio.wait({waiting}, timeout=seconds)
        waiting.cancel()

    commands = command_api.build(log, documents, blobs, progressed=moved)
    queries = query_api.build(documents, columns, blobs)
    app = create_app(
        EdgeSettings(),
        title="Tallybook",
        version="test",
        rest=[*commands.rest, *queries.rest],
        rest_only=[*commands.rest_only, *queries.rest_only],
        root=[*commands.root, *queries.root],
        dependencies={**commands.dependencies, **queries.dependencies},
        checks={**commands.checks, **queries.checks},
    )
    transport = httpx.ASGITransport(served(app), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://tallybook.test", timeout=60) as client:
            yield Product(client, follower)
    finally:
        await follower.stop()
