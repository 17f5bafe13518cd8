"""The query API as a service of its own, over MongoDB, ClickHouse and a blob store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

from edge.app import create_app, served
from query_api.bootstrap import build
from query_api.settings import QueryApiSettings
from stores.blobs.filesystem import FilesystemBlobs
from stores.columns.clickhouse import ClickHouseColumns
from stores.documents.mongo import MongoDocuments


@asynccontextmanager
async def cluster_app(settings: QueryApiSettings) -> AsyncIterator[Any]:
    """The ASGI app over open stores, which are closed at the end. Raises StoreUnavailable if one does not answer."""
    async with AsyncExitStack() as stack:
        documents = await MongoDocuments.open(settings.mongo_uri, settings.mongo_database)
        stack.push_async_callback(documents.close)
        columns = await ClickHouseColumns.open(settings.clickhouse_dsn)
        stack.push_async_callback(columns.close)
        blobs = await FilesystemBlobs.open(settings.blobs.address, settings.blobs.options)
        stack.push_async_callback(blobs.close)
        queries = build(
            documents,
            columns,
            blobs,
            reference_key=settings.reference_key.encode(),
            references=settings.references,
        )
        yield served(
            create_app(
                settings.edge,
                title="Tallybook query API",
                version=version("tallybook-query-api"),
                rest=queries.rest,
                rest_only=queries.rest_only,
                root=queries.root,
                dependencies=queries.dependencies,
                checks=queries.checks,
            )
        )
