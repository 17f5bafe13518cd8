"""What commands read before they decide, from the live version of the views."""

from contracts.read_models import App, RunDocument, RunNote
from stores.blobs.port import Blobs
from stores.blobs.values import BlobValues
from stores.boards import BoardReader, ShownApp, ShownDashboard, ShownReport
from stores.documents.port import DocumentReader
from stores.runs.catalog import Catalog, CatalogReader
from stores.runs.reader import RunReader
from stores.views import live_view


class LiveViews:
    """The live version is looked up with every call, so that a switch needs no restart."""

    def __init__(self, documents: DocumentReader, blobs: Blobs) -> None:
        self._documents = documents
        # Commands read a value once, if at all: nothing is kept.
        self._values = BlobValues(blobs, cache_bytes=0)
        self._catalog = CatalogReader(documents)

    async def run(self, run_id: str) -> RunDocument | None:
        return await RunReader(self._documents, await live_view(self._documents)).find(run_id)

    async def run_note(self, run: RunDocument, note_id: str) -> RunNote | None:
        return await RunReader(self._documents, await live_view(self._documents)).note(run, note_id)

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
