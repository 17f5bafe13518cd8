"""What commands read before they decide, from the live version of the views."""

from collections.abc import Sequence

from contracts.keys import trash_ids
from contracts.read_models import App, ExperimentNote, RunBatches, RunDocument, RunNote, TrashedRun, from_document
from contracts.tables import TRASH
from stores.blobs.port import Blobs
from stores.blobs.values import BlobValues
from stores.boards import BoardReader, ShownApp, ShownDashboard, ShownReport
from stores.documents.port import AllOf, Condition, DocumentReader, Where
from stores.runs.batches import batches_of
from stores.runs.catalog import Catalog, CatalogReader
from stores.runs.experiment_notes import note_of_experiment
from stores.runs.reader import RunReader
from stores.views import live_view

_TOMBSTONE = Condition("tombstone", "eq", True)
_RUNS_PER_READ = 200
"""Whole documents, of which only the ids are kept."""


class LiveViews:
    """The live version is looked up with every call, so that a switch needs no restart."""

    def __init__(self, documents: DocumentReader, blobs: Blobs) -> None:
        self._documents = documents
        # Commands read a value once, if at all: nothing is kept.
        self._values = BlobValues(blobs, cache_bytes=0)
        self._catalog = CatalogReader(documents)

    async def run(self, run_id: str) -> RunDocument | None:
        return await RunReader(self._documents, await live_view(self._documents)).find(run_id)

    async def existing(self, run_ids: Sequence[str]) -> list[str]:
        reader = RunReader(self._documents, await live_view(self._documents))
        found: list[str] = []
        for start in range(0, len(run_ids), _RUNS_PER_READ):
            part = run_ids[start : start + _RUNS_PER_READ]
            known = await reader.many(part)
            found += [run_id for run_id in part if run_id in known]
        return found

    async def is_deleted(self, run_id: str) -> bool:
        collection = (await live_view(self._documents)).collection(TRASH)
        first, end = trash_ids(run_id)
        of_run = Condition("_id", "gte", first), Condition("_id", "lt", end)
        return bool(await self._documents.count(collection, AllOf((*of_run, _TOMBSTONE))))

    async def batches(self, run_id: str) -> RunBatches | None:
        return await batches_of(self._documents, await live_view(self._documents), run_id)

    async def run_note(self, run: RunDocument, note_id: str) -> RunNote | None:
        return await RunReader(self._documents, await live_view(self._documents)).note(run, note_id)

    async def trash(self, run_id: str | None = None) -> list[TrashedRun]:
        collection = (await live_view(self._documents)).collection(TRASH)
        where: Where = Condition("purged_at", "eq", None)
        if run_id is not None:
            where = AllOf((where, Condition("run_id", "eq", run_id)))
        found = self._documents.find(collection, where, sort=(("purged_at", 1), ("deleted_at", 1)))
        return [from_document(entry, TrashedRun) async for batch in found for entry in batch]

    async def experiment_note(self, experiment_id: str, note_id: str) -> ExperimentNote | None:
        return await note_of_experiment(self._documents, await live_view(self._documents), experiment_id, note_id)

    async def catalog(self) -> Catalog:
        return await self._catalog.current(await live_view(self._documents))

    async def dashboard(self, dashboard_id: str) -> ShownDashboard | None:
        return await (await self._boards()).dashboard(dashboard_id)

    async def app(self, app_id: str) -> App | None:
        return await (await self._boards()).app_entry(app_id)

    async def app_with_state(self, app_id: str) -> ShownApp | None:
        return await (await self._boards()).app(app_id)

    async def report(self, report_id: str) -> ShownReport | None:
        return await (await self._boards()).report(report_id)

    async def check(self) -> None:
        """Raise StoreUnavailable if there is nothing to read from now; readiness calls it."""
        await self._documents.check()
        await live_view(self._documents)

    async def _boards(self) -> BoardReader:
        return BoardReader(self._documents, await live_view(self._documents), self._values)
