"""Runs as every reader sees them: what was deleted is not there."""

from collections.abc import AsyncIterator, Sequence

import msgspec

from contracts import tables
from contracts.errors import NotFound
from contracts.read_models import RunDocument, RunNote, RunSegments
from contracts.tables import ViewNames
from stores.documents.port import AllOf, Condition, Document, DocumentReader, Where

NEWEST_FIRST = (("created_at", -1), ("_id", 1))
_LIVE = Condition("phase", "eq", "live")


class RunReader:
    """The runs of one version of the views."""

    def __init__(self, documents: DocumentReader, names: ViewNames) -> None:
        self._documents = documents
        self._names = names

    async def find(self, run_id: str) -> RunDocument | None:
        """The run, or None if there is none or it is deleted."""
        document = await self._documents.get(self._names.collection(tables.RUNS), run_id)
        run = None if document is None else to_run(document)
        return run if run is not None and run.phase == "live" else None

    async def get(self, run_id: str) -> RunDocument:
        """Raises NotFound with the text that every run route answers."""
        run = await self.find(run_id)
        if run is None:
            raise NotFound("Run not found.")
        return run

    async def newest_first(self, where: Where | None = None, batch: int = 200) -> AsyncIterator[list[RunDocument]]:
        """Batches of runs by creation time descending, ties by id; archived ones included."""
        wanted = _LIVE if where is None else AllOf((_LIVE, where))
        async for documents in self._documents.find(
            self._names.collection(tables.RUNS), wanted, sort=NEWEST_FIRST, batch=batch
        ):
            yield [to_run(document) for document in documents]

    async def count(self) -> int:
        return await self._documents.count(self._names.collection(tables.RUNS), _LIVE)

    async def segments(self, run_ids: Sequence[str]) -> dict[str, RunSegments]:
        found = await self._documents.get_many(self._names.collection(tables.RUN_SEGMENTS), run_ids)
        return {key: msgspec.convert(value, RunSegments, builtin_types=(bytes,)) for key, value in found.items()}

    async def notes(self, run: RunDocument) -> list[RunNote]:
        """The notes of the run's current incarnation, most recently updated first."""
        where = AllOf((Condition("run_id", "eq", run.id), Condition("incarnation", "eq", run.incarnation)))
        notes = [
            msgspec.convert(document, RunNote)
            async for batch in self._documents.find(self._names.collection(tables.RUN_NOTES), where)
            for document in batch
        ]
        return sorted(notes, key=lambda note: (-note.updated_at, note.id))


def to_run(document: Document) -> RunDocument:
    return msgspec.convert(document, RunDocument, builtin_types=(bytes,))
