"""A house over stores in memory, with a projector that follows the log, at a time that the test sets."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments, FakeEventLog, Faults

from command_api.housekeeper.desk import ACTOR, Desk
from command_api.housekeeper.rounds import Housekeeper
from command_api.housekeeper.settings import HousekeeperSettings
from command_api.metrics import CommandMetrics
from contracts.envelope import Header, Recorded, decode, encode
from contracts.events import CatalogEvent, Event, RunEvent
from contracts.read_models import RunDocument
from contracts.tables import LEASES, RUNS, Collection, ViewNames
from contracts.topics import CATALOG, CATALOG_KEY, partition_for
from contracts.topics import RUNS as RUNS_TOPIC
from projector.bootstrap import InProcessProjector, in_process
from stores.documents.port import Put
from stores.eventlog.port import NewRecord
from stores.runs.reader import to_run
from stores.views import set_live_view

BEGAN = 1_767_225_600.0
SETTINGS = HousekeeperSettings(stale=600.0, trash=10_000.0, tombstone=5_000.0)


class House:
    def __init__(self, log: FakeEventLog, documents: FakeDocuments, projector: InProcessProjector) -> None:
        self.log = log
        self.documents = documents
        self.projector = projector
        self.now = BEGAN
        self.faults = Faults()
        """Of the blobs."""
        self.blobs = FakeBlobs(self.faults, lambda: self.now)
        self._ids = (f"event-{number}" for number in itertools.count())
        self.keeper = self.started()

    def started(self, patience_seconds: float = 5.0) -> Housekeeper:
        """A housekeeper that begins now."""
        desk = Desk(self.log, self.log, self.documents, self.blobs, lambda: self.now, lambda: next(self._ids))
        return Housekeeper(desk, SETTINGS, CommandMetrics(CollectorRegistry()), patience_seconds)

    async def write(self, run_id: str, *events: RunEvent) -> None:
        for event in events:
            await self._append(RUNS_TOPIC, run_id, event)

    async def write_catalog(self, *events: CatalogEvent) -> None:
        for event in events:
            await self._append(CATALOG, CATALOG_KEY, event)

    async def _append(self, topic: str, key: str, event: Event) -> None:
        header = Header(id=next(self._ids), key=key, recorded_at=self.now)
        value = encode(Recorded(header=header, event=event))
        await self.log.append([NewRecord(topic, partition_for(topic, key), key, value)])

    async def rounds_until(self, now: float) -> None:
        """A round each minute, the last one then."""
        while self.now < now:
            self.now = min(self.now + SETTINGS.pause, now)
            await self.keeper.round()

    async def lease(self, run_id: str) -> None:
        lease = {"_id": f"lease of {run_id}", "_v": int(self.now * 1_000), "run_id": run_id, "renewed_at": self.now}
        await self.documents.commit([Put(LEASES.name, lease)])

    async def leases(self) -> set[str]:
        return {each["run_id"] async for batch in self.documents.find(LEASES.name) for each in batch}

    async def run(self, run_id: str) -> RunDocument:
        """As the views show it once they hold the whole log."""
        await self.projector.caught_up(10)
        document = await self.documents.get(ViewNames(1).collection(RUNS), run_id)
        assert document is not None
        return to_run(document)

    def switches_views_while_blobs_are_listed(self, dropped: Collection) -> None:
        """From version 1 to 2, at this very moment. dropped: a collection of the old version."""
        listed = self.blobs.listed

        async def listed_while_switching(prefix: str):  # type: ignore[no-untyped-def]  # the port's own
            await self.documents.drop([ViewNames(1).collection(dropped)])
            await set_live_view(self.documents, ViewNames(2))
            async for batch in listed(prefix):
                yield batch

        self.blobs.listed = listed_while_switching  # type: ignore[method-assign]  # its own is called inside

    def done(self) -> list[tuple[str, RunEvent]]:
        """What the housekeeper appended."""
        found: list[tuple[str, RunEvent]] = []
        for record in self.log.records(RUNS_TOPIC):
            recorded = decode(record.value)
            if recorded.header.actor == ACTOR:
                assert isinstance(recorded.event, RunEvent)
                found.append((record.key, recorded.event))
        return found


@asynccontextmanager
async def house(*, follow: bool = True) -> AsyncIterator[House]:
    faults = Faults()
    log, documents = FakeEventLog(faults=faults), FakeDocuments()
    projector = await in_process(log, log, documents, FakeColumns())
    if follow:
        await projector.start()
    try:
        yield House(log, documents, projector)
    finally:
        if follow:
            await projector.stop()
