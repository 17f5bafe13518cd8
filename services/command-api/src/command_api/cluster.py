"""The command API as a service of its own, over Kafka, MongoDB and a blob store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from command_api.bootstrap import build, housekeeper
from command_api.settings import CommandApiSettings
from edge.app import create_app, served
from stores.blobs.filesystem import FilesystemBlobs
from stores.documents.mongo import MongoDocuments
from stores.eventlog.kafka import KafkaEventLogWriter
from stores.eventlog.kafka_reader import KafkaEventLogReader
from stores.eventlog.kafka_topics import check_topics

_FINISH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Stores:
    log: KafkaEventLogWriter
    reader: KafkaEventLogReader
    documents: MongoDocuments


@asynccontextmanager
async def cluster_app(settings: CommandApiSettings) -> AsyncIterator[Any]:
    """The ASGI app over open stores; what was accepted is finished and the stores are closed at the end.

    Raises StoreUnavailable if a store does not answer, LogMisconfigured if the topics are not what they must be.
    """
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(_open_stores(settings))
        blobs = await FilesystemBlobs.open(settings.blobs.address, settings.blobs.options)
        stack.push_async_callback(blobs.close)
        commands = build(
            stores.log,
            stores.reader,
            stores.documents,
            blobs,
            uploads=settings.uploads,
            checks={"log": stores.reader.check},
        )
        stack.push_async_callback(commands.finish, _FINISH_SECONDS)
        leases = asyncio.ensure_future(commands.keep_leases())
        stack.callback(leases.cancel)
        yield served(
            create_app(
                settings.edge,
                title="Tallybook command API",
                version=version("tallybook-command-api"),
                rest=commands.rest,
                rest_only=commands.rest_only,
                root=commands.root,
                dependencies=commands.dependencies,
                checks=commands.checks,
            )
        )


async def keep_house(settings: CommandApiSettings) -> None:
    """The housekeeper as a process of its own, until it is cancelled. Raises as `cluster_app`."""
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(_open_stores(settings))
        blobs = await FilesystemBlobs.open(settings.blobs.address, settings.blobs.options)
        stack.push_async_callback(blobs.close)
        await housekeeper(stores.log, stores.reader, stores.documents, blobs, settings.housekeeper).run()


@asynccontextmanager
async def _open_stores(settings: CommandApiSettings) -> AsyncIterator[_Stores]:
    kafka = settings.kafka
    async with AsyncExitStack() as stack:
        await check_topics(kafka.kafka_bootstrap, kafka.kafka_replication, kafka.kafka_min_insync, kafka.security)
        documents = await MongoDocuments.open(settings.documents.mongo_uri, settings.documents.mongo_database)
        stack.push_async_callback(documents.close)
        # A writer learns that the log is away when it writes; readiness, the housekeeper and what looks for a run read.
        reader = await KafkaEventLogReader.open(kafka.kafka_bootstrap, kafka.log_generation, kafka.security)
        stack.push_async_callback(reader.close)
        writer = await KafkaEventLogWriter.open(
            kafka.kafka_bootstrap, kafka.log_generation, kafka.security, max_queued_bytes=kafka.queue_bytes
        )
        stack.push_async_callback(writer.close)
        yield _Stores(writer, reader, documents)
