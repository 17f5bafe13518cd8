"""The command API over stores in memory, with a projector that follows the log, called over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments, FakeEventLog, Faults

from command_api.bootstrap import build
from command_api.settings import UploadSettings
from contracts.envelope import Recorded, decode
from contracts.read_models import RunDocument
from contracts.tables import RUN_NOTES, RUNS, ViewNames
from contracts.topics import CATALOG
from contracts.topics import RUNS as RUNS_TOPIC
from edge.app import create_app, served
from edge.settings import EdgeSettings
from projector.bootstrap import in_process
from stores.documents.port import Document
from stores.runs.catalog import Catalog, CatalogReader
from stores.runs.reader import to_run

V1 = ViewNames(1)
SETTINGS = EdgeSettings(actor_header="X-User")
UPLOADS = UploadSettings(upload_key="secret", max_upload_bytes=66 << 20)


@dataclass(frozen=True)
class Service:
    """clients: one for each replica over the same stores."""

    log: FakeEventLog
    documents: FakeDocuments
    blobs: FakeBlobs
    faults: Faults
    clients: tuple[httpx.AsyncClient, ...]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.clients[0]

    def recorded(self) -> list[Recorded]:
        return [decode(record.value) for topic in (RUNS_TOPIC, CATALOG) for record in self.log.records(topic)]

    async def run(self, run_id: str) -> RunDocument:
        document = await self.documents.get(V1.collection(RUNS), run_id)
        assert document is not None
        return to_run(document)

    async def notes(self) -> list[Document]:
        return [each async for batch in self.documents.find(V1.collection(RUN_NOTES)) for each in batch]

    async def catalog(self) -> Catalog:
        return await CatalogReader(self.documents).current(V1)

    async def begin(self, run_id: str = "run-1") -> None:
        """The run exists and is seen by commands: a note on it waited for the views."""
        answer = await self.client.post(f"/api/v1/ingest/runs/{run_id}", json={"type": "create_run"})
        assert answer.status_code == 200, answer.text
        await self.until(lambda: self.documents.get(V1.collection(RUNS), run_id))

    async def until(self, there: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(10):
            while not await there():
                await asyncio.sleep(0.001)


@asynccontextmanager
async def running(*, follow: bool = True, replicas: int = 1) -> AsyncIterator[Service]:
    """follow: whether the projector runs; the views are there in any case."""
    faults = Faults()
    log, documents, blobs = FakeEventLog(faults=faults), FakeDocuments(), FakeBlobs()
    projector = await in_process(log, log, documents, FakeColumns())
    async with AsyncExitStack() as stack:
        if follow:
            await projector.start()
            stack.push_async_callback(projector.stop)
        clients = [await stack.enter_async_context(_client(log, documents, blobs)) for _ in range(replicas)]
        yield Service(log, documents, blobs, faults, tuple(clients))


def _client(log: FakeEventLog, documents: FakeDocuments, blobs: FakeBlobs) -> httpx.AsyncClient:
    commands = build(log, log, documents, blobs, uploads=UPLOADS, checks={"log": log.check})
    app = create_app(
        SETTINGS,
        title="test",
        version="0",
        rest=commands.rest,
        rest_only=commands.rest_only,
        root=commands.root,
        dependencies=commands.dependencies,
        checks=commands.checks,
    )
    transport = httpx.ASGITransport(served(app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://tallybook.test")
