"""Dashboards, apps and reports as every reader sees them: what is archived or deleted is not there."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from contracts import tables
from contracts.read_models import App, Content, Dashboard, Report, from_document
from contracts.tables import Collection, ViewNames
from contracts.trees import StoredValue, stored_values, with_values
from stores.blobs.values import MISSING, BlobValues
from stores.documents.port import Condition, Document, DocumentReader, Where

_IDS_PER_READ = 500
_OLDEST_CHANGE_FIRST = (("updated_at", 1), ("_id", 1))
_OLDEST_FIRST = (("created_at", 1), ("_id", 1))
_NOT_ARCHIVED = Condition("archived", "eq", False)

_LOST_STATE = msgspec.json.encode({"missing": MISSING}).decode()
"""In place of a state whose blob is gone: one lost blob must not fail the list of all apps."""

_Entry = TypeVar("_Entry", Dashboard, App, Report)
_Contentful = TypeVar("_Contentful", App, Report)


class ShownDashboard(NamedTuple):
    """app_kind: None of a dashboard that shows no app."""

    entry: Dashboard
    app_kind: str | None


class ShownApp(NamedTuple):
    """state: the text of a JSON object."""

    entry: App
    state: str


class ShownReport(NamedTuple):
    entry: Report
    code: str | None


class BoardReader:
    """What users saved, in one version of the views. values: gives what is too large for a document."""

    def __init__(self, documents: DocumentReader, names: ViewNames, values: BlobValues) -> None:
        self._documents = documents
        self._names = names
        self._values = values

    async def dashboards(self) -> list[ShownDashboard]:
        """By time of their last change, oldest first."""
        found = [one async for one in self._find(tables.DASHBOARDS, Dashboard, _NOT_ARCHIVED, _OLDEST_CHANGE_FIRST)]
        return await self._with_apps(found)

    async def dashboard(self, dashboard_id: str) -> ShownDashboard | None:
        found = await self._get(tables.DASHBOARDS, Dashboard, dashboard_id)
        if found is None or found.archived:
            return None
        return next(iter(await self._with_apps([found])), None)

    async def apps(self) -> list[ShownApp]:
        """In creation order."""
        entries = [one async for one in self._find(tables.APPS, App, None, _OLDEST_FIRST)]
        return await self._with_states(entries)

    async def app(self, app_id: str) -> ShownApp | None:
        entry = await self.app_entry(app_id)
        return None if entry is None else next(iter(await self._with_states([entry])), None)

    async def app_entry(self, app_id: str) -> App | None:
        """The app without its state."""
        return await self._get(tables.APPS, App, app_id)

    async def reports(self) -> list[ShownReport]:
        """By time of their last change, oldest first."""
        entries = [one async for one in self._find(tables.REPORTS, Report, None, _OLDEST_CHANGE_FIRST)]
        return [ShownReport(entry, code) for entry, code in await self._with_contents(tables.REPORT_CODES, entries)]

    async def report(self, report_id: str) -> ShownReport | None:
        entry = await self._get(tables.REPORTS, Report, report_id)
        shown = [] if entry is None else await self._with_contents(tables.REPORT_CODES, [entry])
        return next((ShownReport(entry, code) for entry, code in shown), None)

    async def _with_apps(self, dashboards: Sequence[Dashboard]) -> list[ShownDashboard]:
        """Without those whose app went while they were read: the app's end is theirs."""
        wanted = dict.fromkeys(one.app_id for one in dashboards if one.app_id is not None)
        documents = await self._documents_of(tables.APPS, list(wanted))
        kinds: dict[str | None, str | None] = {None: None}
        kinds |= {id: from_document(document, App).kind for id, document in documents.items()}
        return [ShownDashboard(one, kinds[one.app_id]) for one in dashboards if one.app_id in kinds]

    async def _with_states(self, entries: Sequence[App]) -> list[ShownApp]:
        shown = await self._with_contents(tables.APP_STATES, entries)
        return [ShownApp(entry, _LOST_STATE if state == MISSING else state) for entry, state in shown]

    async def _with_contents(
        self, collection: Collection, entries: Sequence[_Contentful]
    ) -> list[tuple[_Contentful, str]]:
        """Without those whose content is gone: a deletion takes it first."""
        documents = await self._documents_of(collection, [entry.id for entry in entries])
        contents = {id: from_document(document, Content).tree() for id, document in documents.items()}
        values = await self._load(contents.values())
        return [(entry, with_values(contents[entry.id], values)) for entry in entries if entry.id in contents]

    async def _load(self, contents: Iterable[object]) -> Mapping[StoredValue, object]:
        return await self._values.load_shared(claim for content in contents for claim in stored_values(content))

    async def _documents_of(self, collection: Collection, ids: Sequence[str]) -> dict[str, Document]:
        name, found = self._names.collection(collection), {}
        for start in range(0, len(ids), _IDS_PER_READ):
            found.update(await self._documents.get_many(name, ids[start : start + _IDS_PER_READ]))
        return found

    async def _get(self, collection: Collection, kind: type[_Entry], entity_id: str) -> _Entry | None:
        document = await self._documents.get(self._names.collection(collection), entity_id)
        return None if document is None else from_document(document, kind)

    async def _find(
        self, collection: Collection, kind: type[_Entry], where: Where | None, sort: Sequence[tuple[str, int]]
    ) -> AsyncIterator[_Entry]:
        async for batch in self._documents.find(self._names.collection(collection), where, sort=sort):
            for document in batch:
                yield from_document(document, kind)
