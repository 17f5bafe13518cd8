"""The embedded product composed for tests: commands, projector and queries over one set of stores, in one app."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments, FakeEventLog

from command_api import bootstrap as command_api
from command_api.settings import UploadSettings
from edge.app import create_app, served
from edge.health import Page
from edge.settings import EdgeSettings
from projector import bootstrap as projector
from projector.bootstrap import InProcessProjector
from query_api import bootstrap as query_api
from query_api.cluster import cluster_app
from query_api.settings import QueryApiSettings
from stores.blobs.filesystem import FilesystemBlobs
from stores.blobs.port import Blobs
from stores.blobs.settings import BlobSettings
from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import ColumnReader
from stores.documents.mongo import MongoDocuments
from stores.documents.port import DocumentReader
from stores.documents.sqlite import SqliteDocuments
from stores.eventlog.sqlite import SqliteEventLog

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Product:
    """client: for mutations, and for reads where one app serves both. reads: for reads. app: what `client` calls.

    The rest: what lies behind.
    """

    client: httpx.AsyncClient
    reads: httpx.AsyncClient
    projector: InProcessProjector
    app: Litestar
    log: "Log"
    documents: DocumentReader
    columns: ColumnReader
    blobs: Blobs

    async def caught_up(self) -> None:
        """Return when the views hold everything that was acknowledged."""
        assert await self.projector.caught_up(_PATIENCE_SECONDS)


@asynccontextmanager
async def embedded(
    folder: Path, pages: Sequence[HTTPRouteHandler] = (), page: Page | None = None
) -> AsyncIterator[Product]:
    """On SQLite and chDB, as users run it. pages: of a UI. page: what it shows at the path of the metrics."""
    async with AsyncExitStack() as stack:
        log = await SqliteEventLog.open(folder / "events.sqlite")
        stack.push_async_callback(log.close)
        documents = await SqliteDocuments.open(folder / "documents.sqlite")
        stack.push_async_callback(documents.close)
        columns = await ClickHouseColumns.open(f"chdb://{folder / 'columns'}")
        stack.push_async_callback(columns.close)
        blobs = await FilesystemBlobs.open(str(folder / "blobs"))
        stack.push_async_callback(blobs.close)
        yield await stack.enter_async_context(_composed(log, documents, columns, blobs, pages, page))


@asynccontextmanager
async def on_servers(mongo_uri: str, database: str, clickhouse_dsn: str) -> AsyncIterator[Product]:
    """On servers, and asked through the query API's own app, which has opened its own stores; the log is in memory."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="tb-blobs-"))
        settings = QueryApiSettings(
            mongo_uri=mongo_uri,
            mongo_database=database,
            clickhouse_dsn=clickhouse_dsn,
            reference_key="key of tests",
            blobs=BlobSettings(address=folder),
        )
        blobs = await FilesystemBlobs.open(folder)
        stack.push_async_callback(blobs.close)
        documents = await MongoDocuments.open(mongo_uri, database)
        stack.push_async_callback(documents.close)
        columns = await ClickHouseColumns.open(clickhouse_dsn)
        stack.push_async_callback(columns.close)
        product = await stack.enter_async_context(_composed(FakeEventLog(), documents, columns, blobs))
        app = await stack.enter_async_context(cluster_app(settings))
        reads = await stack.enter_async_context(_client(app))
        yield replace(product, reads=reads)


@asynccontextmanager
async def in_memory() -> AsyncIterator[Product]:
    """On the fakes: quick to make, for a project without anything in it."""
    async with _composed(FakeEventLog(), FakeDocuments(), FakeColumns(), FakeBlobs()) as product:
        yield product


Log = SqliteEventLog | FakeEventLog
Documents = SqliteDocuments | MongoDocuments | FakeDocuments
Columns = ClickHouseColumns | FakeColumns


@asynccontextmanager
async def _composed(
    log: Log,
    documents: Documents,
    columns: Columns,
    blobs: Blobs,
    pages: Sequence[HTTPRouteHandler] = (),
    page: Page | None = None,
) -> AsyncIterator[Product]:
    follower = await projector.in_process(log, log, documents, columns)
    await follower.start()

    async def moved(seconds: float) -> None:
        waiting = asyncio.ensure_future(follower.progressed.wait())
        await asyncio.wait({waiting}, timeout=seconds)
        waiting.cancel()

    commands = command_api.build(
        log, log, documents, blobs, uploads=UploadSettings(upload_key="a key for tests alone"), progressed=moved
    )
    queries = query_api.build(documents, columns, blobs, reference_key=b"key of tests")
    app = create_app(
        EdgeSettings(),
        title="Tallybook",
        version="test",
        rest=[*commands.rest, *queries.rest],
        rest_only=[*commands.rest_only, *queries.rest_only],
        root=[*commands.root, *queries.root, *pages],
        dependencies={**commands.dependencies, **queries.dependencies},
        checks={**commands.checks, **queries.checks},
        page=page,
    )
    try:
        async with _client(served(app)) as client:
            yield Product(client, client, follower, app, log, documents, columns, blobs)
    finally:
        await follower.stop()


def _client(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://tallybook.test", timeout=60)
