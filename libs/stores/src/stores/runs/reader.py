"""Runs as every reader sees them: what was deleted is not there."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import NamedTuple

from contracts import tables
from contracts.errors import NotFound
from contracts.keys import artifact_id, trash_id
from contracts.read_models import RunArtifact, RunDocument, RunNote, RunSegments, TrashedRun, from_document
from contracts.tables import ViewNames
from stores.documents.port import AllOf, AnyOf, Condition, Document, DocumentReader, Where

NEWEST_FIRST = (("created_at", -1), ("_id", 1))
_KEYS_PER_READ = 500
_LIVE = Condition("phase", "eq", "live")


class Place(NamedTuple):
    """Where a run stands in the order of all runs, whether or not anyone sees it."""

    created_at: float
    run_id: str


class RunReader:
    """The runs of one version of the views.

    Params that are too large for a document: `stores.runs.large_params`; notes stay StoredValues.
    """

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

    async def find_deleted_too(self, run_id: str) -> RunDocument | None:
        """The run as it is or was: a page goes on after its last run even if that was deleted meanwhile."""
        document = await self._documents.get(self._names.collection(tables.RUNS), run_id)
        return None if document is None else to_run(document)

    async def many(self, run_ids: Sequence[str]) -> dict[str, RunDocument]:
        """Those of the runs that are there, by id."""
        found = await self._documents.get_many(self._names.collection(tables.RUNS), run_ids)
        return {run.id: run for run in map(to_run, found.values()) if run.phase == "live"}

    async def newest_first(
        self, where: Where | None = None, *, after: Place | None = None, batch: int = 200
    ) -> AsyncGenerator[list[RunDocument], None]:
        """Batches of runs by creation time descending, ties by id; archived ones included. `after` itself is left out.

        Close the iterator if you leave it early.
        """
        conditions = [c for c in (_LIVE, where, None if after is None else _behind(after)) if c is not None]
        wanted = AllOf(tuple(conditions))
        async for documents in self._documents.find(
            self._names.collection(tables.RUNS), wanted, sort=NEWEST_FIRST, batch=batch
        ):
            yield list(map(to_run, documents))

    async def count(self, where: Where | None = None) -> int:
        """How many runs there are, archived ones included."""
        wanted = _LIVE if where is None else AllOf((_LIVE, where))
        return await self._documents.count(self._names.collection(tables.RUNS), wanted)

    async def segments(self, run_ids: Sequence[str]) -> dict[str, RunSegments]:
        found = await self._documents.get_many(self._names.collection(tables.RUN_SEGMENTS), run_ids)
        return {key: from_document(value, RunSegments) for key, value in found.items()}

    async def notes_of(self, runs: Sequence[RunDocument]) -> dict[str, list[RunNote]]:
        """As `notes`, of many runs at once, by run id; a run without notes is absent."""
        incarnations = {run.id: run.incarnation for run in runs}
        notes: dict[str, list[RunNote]] = {}
        where = Condition("run_id", "in", list(incarnations))
        async for batch in self._documents.find(self._names.collection(tables.RUN_NOTES), where):
            for document in batch:
                note = from_document(document, RunNote)
                if note.incarnation == incarnations[note.run_id]:
                    notes.setdefault(note.run_id, []).append(note)
        return {run_id: sorted(found, key=_latest_first) for run_id, found in notes.items()}

    async def notes(self, run: RunDocument) -> list[RunNote]:
        """The notes of the run's current incarnation, most recently updated first."""
        return (await self.notes_of([run])).get(run.id, [])

    async def note(self, run: RunDocument, note_id: str) -> RunNote | None:
        """The note, if it is one of the run's current incarnation."""
        document = await self._documents.get(self._names.collection(tables.RUN_NOTES), note_id)
        note = None if document is None else from_document(document, RunNote)
        of_run = note is not None and (note.run_id, note.incarnation) == (run.id, run.incarnation)
        return note if of_run else None

    async def artifacts(self, run: RunDocument) -> list[RunArtifact]:
        """Those of the run's current incarnation that are listed, in the order in which they came."""
        found = await self._artifacts(run, Condition("listed", "eq", True))
        return sorted(found, key=lambda artifact: (artifact.position, artifact.path))

    async def artifact(self, run: RunDocument, path: str) -> RunArtifact | None:
        """The one at this path, whether or not it is listed."""
        document_id = artifact_id(run.id, run.incarnation, path)
        document = await self._documents.get(self._names.collection(tables.RUN_ARTIFACTS), document_id)
        return None if document is None else from_document(document, RunArtifact)

    async def artifacts_by_key(self, run: RunDocument, keys: Iterable[str]) -> dict[str, RunArtifact]:
        """Those that clients gave one of these keys (`s3_key`), by key; of several with one key the latest."""
        wanted = list(dict.fromkeys(keys))
        found: list[RunArtifact] = []
        for start in range(0, len(wanted), _KEYS_PER_READ):
            found += await self._artifacts(run, Condition("key", "in", wanted[start : start + _KEYS_PER_READ]))
        return {one.key: one for one in sorted(found, key=lambda one: one.version) if one.key is not None}

    async def predecessor(self, run: RunDocument) -> TrashedRun | None:
        """The incarnation before the run's own; None for a run whose id was not used before."""
        document_id = trash_id(run.id, run.incarnation - 1)
        document = await self._documents.get(self._names.collection(tables.TRASH), document_id)
        return None if document is None else from_document(document, TrashedRun)

    async def _artifacts(self, run: RunDocument, where: Where) -> list[RunArtifact]:
        of_run = (Condition("run_id", "eq", run.id), Condition("incarnation", "eq", run.incarnation), where)
        return [
            from_document(document, RunArtifact)
            async for batch in self._documents.find(self._names.collection(tables.RUN_ARTIFACTS), AllOf(of_run))
            for document in batch
        ]


def _behind(place: Place) -> Where:
    same_time = AllOf((Condition("created_at", "eq", place.created_at), Condition("_id", "gt", place.run_id)))
    return AnyOf((Condition("created_at", "lt", place.created_at), same_time))


def _latest_first(note: RunNote) -> tuple[float, str]:
    return -note.updated_at, note.id


def to_run(document: Document) -> RunDocument:
    return from_document(document, RunDocument)
