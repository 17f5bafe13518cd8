"""What a folded batch writes, and in which order."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from contracts.read_models import to_document
from contracts.read_models.logs import LogRows
from contracts.read_models.objects import ObjectRows
from contracts.read_models.points import PointRows
from contracts.tables import HISTORY, RUN_ARTIFACTS, RUN_NOTES, RUN_SEGMENTS, RUNS, TRASH, Collection, ViewNames
from contracts.topics import CATALOG
from projector.fold.run_state import RunState
from projector.projections import catalog, points, run_segments, runs, trash
from projector.projections.purged import Purged, is_purged
from projector.projections.removed import Removed
from projector.runner.concatenating import concatenated
from projector.runner.folding import Folded
from projector.runner.redo import Change, put_redo, writes_of
from projector.runner.states import StoredState, put_state
from stores.documents.port import AllOf, Condition, Document, Put, Remove, RemoveMatching, Write


class BatchWrites(NamedTuple):
    """Rows of columns: of the whole batch, written first. documents: in the order of the commit.

    purged: data keys whose rows go away, those of this batch included.
    """

    points: PointRows | None
    objects: ObjectRows | None
    lines: LogRows | None
    records: LogRows | None
    purged: list[int]
    documents: list[Write]
    states: list[StoredState]


def writes_for(names: ViewNames, folded: Folded) -> BatchWrites:
    """Once for each run and each catalog entry, however many events it had.

    The order matters where documents are written one by one. The history follows the views that it tells of: who waits
    for an event reads them then. What an app or a report holds comes before its entry, which is never without it. The
    states come last: a state that holds an event says that all else of it is written.
    """
    views: list[Change] = [(RUN_ARTIFACTS, to_document(artifact)) for artifact in folded.artifacts]
    for run_id, state in folded.runs.items():
        views += _run_changes(folded.runs_before[run_id], state)
    of_runs = [(HISTORY, to_document(entry)) for entry in folded.history if entry.topic != CATALOG]
    states = [put_state(names, state) for state in folded.runs.values()]
    writes: list[Write] = [
        *writes_of(names, _changes(folded.contents)),
        *_catalog_writes(names, folded),
        *_note_writes(names, folded),
        *writes_of(names, [(TRASH, one) for one in folded.taken_back]),
        *writes_of(names, sorted(views, key=lambda pair: pair[0].name)),  # neighbours of a collection share a statement
        *(removal for purged in folded.purged for removal in _removals(names, purged)),
        *_puts(names, of_runs),
        *(put for put, _ in states),
    ]
    return BatchWrites(
        points=concatenated(PointRows, [*folded.points, *points.gathered(folded.listed)]),
        objects=concatenated(ObjectRows, folded.objects),
        lines=concatenated(LogRows, folded.lines),
        records=concatenated(LogRows, folded.records),
        purged=[purged.key for purged in folded.purged],
        documents=writes,
        states=[stored for _, stored in states],
    )


def _note_writes(names: ViewNames, folded: Folded) -> list[Write]:
    collection = names.collection(RUN_NOTES)
    return [
        Remove(collection, note.id, note.version) if isinstance(note, Removed) else Put(collection, to_document(note))
        for note in folded.notes
    ]


def _removals(names: ViewNames, purged: Purged) -> list[Write]:
    """Of documents that nobody has a list of. After all puts of the batch: some may be of the same incarnation."""
    where = AllOf((Condition("run_id", "eq", purged.run_id), Condition("incarnation", "eq", purged.incarnation)))
    return [
        RemoveMatching(names.collection(collection), where, purged.version) for collection in (RUN_NOTES, RUN_ARTIFACTS)
    ]


def _run_changes(before: RunState | None, after: RunState) -> list[Change]:
    changes: list[Change] = [
        (TRASH, one if isinstance(one, Removed) else to_document(one)) for one in trash.documents_for(before, after)
    ]
    shown = before is None or _shown(before) != _shown(after)
    segmented = before is None or _segmented(before) != _segmented(after)
    if is_purged(after):
        gone = Removed(after.run_id, after.version)
        return [*changes, (RUNS, gone), (RUN_SEGMENTS, gone)] if shown else changes
    if shown:
        changes.append((RUNS, to_document(runs.document_for(after))))
    if segmented:
        changes.append((RUN_SEGMENTS, to_document(run_segments.segments_for(after))))
    return changes


def _shown(state: RunState) -> tuple[int, int, int, int]:
    return state.props_version, state.params_version, state.series_version, state.data_version


def _segmented(state: RunState) -> tuple[int, int]:
    return state.params_version, state.series_version


def _catalog_writes(names: ViewNames, folded: Folded) -> list[Write]:
    entries: list[Change] = [(HISTORY, to_document(entry)) for entry in folded.history if entry.topic == CATALOG]
    if folded.catalog_version is None:
        return writes_of(names, entries)
    changed = catalog.documents_for(folded.catalog_before, folded.catalog, folded.catalog_version)
    changes = _changes(changed)
    writes = writes_of(names, [*changes, *entries])
    return [put_redo(names, folded.catalog_version, [*changes, *entries]), *writes] if changes else writes


def _changes(of: Iterable[tuple[Collection, msgspec.Struct]]) -> list[Change]:
    return [(collection, one if isinstance(one, Removed) else to_document(one)) for collection, one in of]


def _puts(names: ViewNames, documents: Iterable[tuple[Collection, Document]]) -> list[Put]:
    return [Put(names.collection(collection), document) for collection, document in documents]
