"""The projector of the cluster, built from settings: Kafka, MongoDB, ClickHouse, a Faust worker."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import faust
import structlog
from prometheus_client import REGISTRY, CollectorRegistry

from contracts.errors import Unavailable
from contracts.position import TopicPartition
from projector.bootstrap import blob_removal, projection_for
from projector.errors import ProjectorRunning
from projector.metrics import ProjectorMetrics
from projector.recovery.rebuilding import OnProgress, RebuildReport, rebuild
from projector.recovery.status import ViewsStatus, views_lag, views_status
from projector.recovery.views import ViewsDropped, drop_left_over, prepare_views
from projector.runner.faust_worker import FaustSettings, FaustWorker
from projector.runner.health_server import HealthServer
from projector.runner.retrying import Patience
from projector.settings import ClusterSettings, EffectsSettings, KafkaSettings
from stores.blobs.filesystem import FilesystemBlobs
from stores.blobs.settings import BlobSettings
from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import Columns
from stores.documents.mongo import MongoDocuments
from stores.documents.port import Documents
from stores.eventlog.kafka import KafkaEventLogWriter
from stores.eventlog.kafka_groups import GroupOffsets
from stores.eventlog.kafka_reader import KafkaEventLogReader
from stores.eventlog.kafka_topics import check_topics

_LAG_SECONDS = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Stores:
    """The adapters of one process. `group`: of the workers."""

    log: KafkaEventLogReader
    dead_letters: KafkaEventLogWriter
    documents: Documents
    columns: Columns
    group: GroupOffsets


@asynccontextmanager
async def open_stores(settings: ClusterSettings) -> AsyncIterator[Stores]:
    """All adapters, closed at the end; topics that are not what they should be are refused first.

    Raises StoreUnavailable, LogMisconfigured.
    """
    kafka = settings.kafka
    await check_topics(kafka.kafka_bootstrap, kafka.kafka_replication, kafka.kafka_min_insync, kafka.security)
    async with AsyncExitStack() as opened:
        log = await KafkaEventLogReader.open(kafka.kafka_bootstrap, kafka.log_generation, kafka.security)
        opened.push_async_callback(log.close)
        dead_letters = await KafkaEventLogWriter.open(kafka.kafka_bootstrap, kafka.log_generation, kafka.security)
        opened.push_async_callback(dead_letters.close)
        documents = await MongoDocuments.open(settings.stores.mongo_uri, settings.stores.mongo_database)
        opened.push_async_callback(documents.close)
        columns = await ClickHouseColumns.open(settings.stores.clickhouse_dsn)
        opened.push_async_callback(columns.close)
        group = GroupOffsets(kafka.kafka_bootstrap, kafka.kafka_group, kafka.security)
        yield Stores(log, dead_letters, documents, columns, group)


class Worker:
    """A Faust worker with its health and metrics over HTTP."""

    def __init__(self, settings: ClusterSettings, stores: Stores, registry: CollectorRegistry = REGISTRY) -> None:
        self._settings = settings
        self._stores = stores
        self._registry = registry
        self._metrics = ProjectorMetrics(registry)
        self._worker: FaustWorker | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`. Raises what ended the worker otherwise: LogMismatch, TooManyDeadLetters, ConsumerDied, bugs."""
        address = self._settings.worker
        health = await HealthServer.open(address.worker_host, address.worker_port, self._ready, self._registry)
        try:
            worker = await self._started()
            if worker is not None:
                await self._measured(worker)
        finally:
            await health.close()

    async def stop(self) -> None:
        """Make `run` return soon; does not wait."""
        self._stopping.set()
        if self._worker is not None:
            await self._worker.stop()

    async def _started(self) -> FaustWorker | None:
        """The worker, ready to run; None if `stop` came first, since a start waits for stores that are away."""
        preparing = asyncio.create_task(self._prepare())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return preparing.result() if preparing.done() else None
        finally:
            preparing.cancel()
            stopping.cancel()
            await asyncio.gather(preparing, stopping, return_exceptions=True)

    async def _prepare(self) -> FaustWorker:
        stores, runner = self._stores, self._settings.runner
        patience = Patience(runner.back_off)
        names = await patience.insist(lambda: prepare_views(stores.documents, stores.columns))
        projection = projection_for(
            names, stores.log, stores.dead_letters, stores.documents, stores.columns, runner, self._metrics
        )

        async def checkpoints() -> Mapping[TopicPartition, int]:
            await projection.forget()  # the other workers go on while the broker is asked
            return await projection.next_offsets()

        # A killed worker is a member of the group until its session ends: the broker is asked again until then.
        held_back = await patience.insist(lambda: stores.group.hold_back(checkpoints))
        if held_back:
            _log.warning("the group was ahead of the checkpoints and was set back", partitions=len(held_back))
        self._worker = FaustWorker(_faust_settings(self._settings), projection, _credentials(self._settings.kafka))
        return self._worker

    async def _measured(self, worker: FaustWorker) -> None:
        measuring = asyncio.create_task(self._measure_lag())
        try:
            await worker.run()
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)

    async def _measure_lag(self) -> None:
        while True:
            try:
                found = await views_lag(self._stores.log, self._stores.documents)
                self._metrics.lag.set(found)
            except Unavailable as error:
                _log.warning("the lag cannot be measured now", error=str(error))
            await asyncio.sleep(_LAG_SECONDS)

    async def _ready(self) -> None:
        worker = self._worker
        if worker is None or not worker.health().started:
            raise ConnectionError("the worker has not started yet")
        if worker.failed is not None:
            raise worker.failed
        if worker.trouble is not None:
            raise ConnectionError(f"the views are not written now: {worker.trouble}")
        await self._stores.documents.check()
        await self._stores.columns.check()
        await self._stores.log.check()


async def remove_blobs(settings: ClusterSettings, effects: EffectsSettings, place: BlobSettings) -> None:
    """The removal of blobs as a process of its own, until it is cancelled; workers need no blob store this way.

    Raises StoreUnavailable if a store does not answer at the start, LogMisconfigured.
    """
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings))
        blobs = await FilesystemBlobs.open(place.address, place.options)
        stack.push_async_callback(blobs.close)
        await blob_removal(stores.log, stores.documents, stores.columns, blobs, effects).run()


async def cluster_status(settings: ClusterSettings) -> ViewsStatus:
    async with open_stores(settings) as stores:
        return await views_status(stores.log, stores.documents, stores.columns)


async def cluster_drop(settings: ClusterSettings) -> ViewsDropped:
    """Remove the versions that no worker writes any more; workers and readers of the live one may go on."""
    async with open_stores(settings) as stores:
        return await drop_left_over(stores.documents, stores.columns)


async def cluster_rebuild(
    settings: ClusterSettings, on_progress: OnProgress, *, drop_previous: bool, fresh: bool
) -> RebuildReport:
    """Raises ProjectorRunning while workers live: they would go on with the old version after the switch."""
    async with open_stores(settings) as stores:

        async def refuse_if_running() -> None:
            if await stores.group.has_members():
                raise ProjectorRunning(
                    "projector workers are running: scale them to 0, wait for their sessions to end, and call again"
                    " (an unfinished rebuild is resumed)"
                )

        await refuse_if_running()
        return await rebuild(
            stores.log,
            stores.documents,
            stores.columns,
            on_progress=on_progress,
            drop_previous=drop_previous,
            fresh=fresh,
            before_switch=refuse_if_running,
        )


def _faust_settings(settings: ClusterSettings) -> FaustSettings:
    return FaustSettings(
        bootstrap=settings.kafka.kafka_bootstrap,
        group=settings.kafka.kafka_group,
        generation=settings.kafka.log_generation,
        batch_records=settings.runner.batch_records,
        batch_bytes=settings.runner.batch_bytes,
        poll_limit_seconds=settings.worker.poll_limit_seconds,
        stop_seconds=settings.worker.stop_seconds,
    )


def _credentials(kafka: KafkaSettings) -> Any:
    """The security of the log in Faust's words; None for a plain broker."""
    protocol = kafka.kafka_security_protocol.upper()
    context = (
        ssl.create_default_context(cafile=kafka.kafka_ca_file or None) if "SSL" in protocol.split("_")[-1] else None
    )
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=kafka.kafka_sasl_username,
            password=kafka.kafka_sasl_password,
            ssl_context=context,
            mechanism=kafka.kafka_sasl_mechanism or "PLAIN",
        )
    return faust.SSLCredentials(context) if context is not None else None
