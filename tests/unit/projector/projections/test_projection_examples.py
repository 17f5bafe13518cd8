"""The recorded example of every event goes through every projection, and the table says which of them change."""

import pytest
from msgspec.structs import replace
from tests.unit.projector.fold.builders import at, catalog_before

from contracts import examples, topics
from contracts.envelope import Recorded
from contracts.events import (
    CatalogEvent,
    RunCreated,
    RunDeleted,
    RunEvent,
    RunFinished,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunPurged,
    RunUndeleted,
    TombstoneCleared,
)
from projector.fold.catalog import fold_catalog
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState
from projector.fold.runs import fold_run, is_ingestion
from projector.projections import board_contents, log_lines, log_records, objects, run_artifacts, trash
from projector.projections.catalog import documents_for
from projector.projections.history import entry_for
from projector.projections.points import listed_rows
from projector.projections.points import rows_for as point_rows
from projector.projections.purged import purged_by
from projector.projections.run_notes import rows_for as note_rows
from projector.projections.run_segments import segments_for
from projector.projections.runs import document_for
from projector.projections.table import READ_BY, NoView, View

EXAMPLES = [(name, version, examples.load(name, version)) for name, version in examples.names()]
RUN_EXAMPLES = [pytest.param(record, id=name) for name, _, record in EXAMPLES if isinstance(record.event, RunEvent)]
CATALOG_EXAMPLES = [
    pytest.param(record, id=name) for name, _, record in EXAMPLES if isinstance(record.event, CatalogEvent)
]


HOLD_DATA = {
    View.RUN_SEGMENTS,
    View.RUN_NOTES,
    View.RUN_ARTIFACTS,
    View.POINTS,
    View.OBJECTS,
    View.LOG_LINES,
    View.LOG_RECORDS,
}
"""What a purge takes its rows and documents out of, beside the run's own document."""


def begun() -> RunState:
    state = None
    for offset, name in enumerate(("RunCreated", "RunTagged", "RunFinished")):
        state, _ = fold_run(state, examples.load(name, 1), at(offset))
    assert state is not None
    return state


def changed_views(before: RunState | None, record: Recorded, offset: int) -> set[View]:
    """The views that the event changes."""
    after, outcome = fold_run(before, record, at(offset))
    assert isinstance(outcome, Applied)
    changed = {View.HISTORY} if entry_for(record, at(offset), outcome) else set()
    if after is None:
        return changed
    if before is None or document_for(before) != document_for(after):
        changed.add(View.RUNS)
    if before is None or segments_for(before) != segments_for(after):
        changed.add(View.RUN_SEGMENTS)
    if point_rows(outcome, after, at(offset)) is not None or listed_rows(outcome, after, at(offset)):
        changed.add(View.POINTS)
    if note_rows(record.event, after, at(offset)):
        changed.add(View.RUN_NOTES)
    if objects.rows_for(outcome, after, at(offset)) is not None:
        changed.add(View.OBJECTS)
    if log_lines.rows_for(outcome, after, at(offset)) is not None:
        changed.add(View.LOG_LINES)
    if log_records.rows_for(outcome, after, at(offset)) is not None:
        changed.add(View.LOG_RECORDS)
    if run_artifacts.rows_for(record.event, after, at(offset)):
        changed.add(View.RUN_ARTIFACTS)
    if trash.documents_for(before, after):
        changed.add(View.TRASH)
    if purged_by(outcome, after, at(offset)):
        changed |= HOLD_DATA
    return changed


def named_views(record: Recorded) -> set[View]:
    """The views that the table names, and the history as it describes itself."""
    views = READ_BY[type(record.event)]
    named = set() if isinstance(views, NoView) else set(views)
    bulk = {View.POINTS, View.OBJECTS, View.LOG_LINES, View.LOG_RECORDS}
    return named if named & bulk and not isinstance(record.event, RunPurged) else named | {View.HISTORY}


def met(record: Recorded) -> RunState:
    """A run in which the event finds what it is about."""
    run = begun()
    if isinstance(record.event, RunCreated | RunFinished):
        return replace(run, active=True, ended_at=None, finish_reason=None, sessions=())
    if isinstance(record.event, RunNoteEdited | RunNoteDeleted):
        return replace(run, notes={record.event.note_id: 1.0})
    if isinstance(record.event, RunUndeleted | RunPurged | TombstoneCleared):
        deleted, _ = fold_run(run, replace(record, event=RunDeleted()), at(5))
        assert deleted is not None
        return deleted
    return run


def by_client(record: Recorded) -> Recorded:
    """The same from a client where the event can come from one: it begins a run then."""
    if isinstance(record.event, RunNoteAdded):
        return replace(record, event=replace(record.event, by="client"))
    return record


@pytest.mark.parametrize("record", RUN_EXAMPLES)
def test_an_event_changes_no_view_but_those_in_the_table(record: Recorded) -> None:
    assert changed_views(met(record), record, 9) <= named_views(record)


@pytest.mark.parametrize("record", RUN_EXAMPLES)
def test_every_view_in_the_table_is_changed_by_an_event_that_begins_a_run_or_meets_one(record: Recorded) -> None:
    record = by_client(record)
    changed = changed_views(met(record), record, 9)
    if is_ingestion(record.event):
        changed |= changed_views(None, record, 9)
    expected = named_views(record)
    if not is_ingestion(record.event) and not isinstance(record.event, RunPurged):
        # The example is an edit by a user; by a client it would begin a run, and the segments with it.
        expected -= {View.RUN_SEGMENTS}
    assert changed == expected


@pytest.mark.parametrize("record", CATALOG_EXAMPLES)
def test_an_event_of_the_catalog_changes_the_views_in_the_table(record: Recorded) -> None:
    before, position = catalog_before(type(record.event).__name__), at(9, topics.CATALOG)
    after, outcome = fold_catalog(before, record, position)
    changed = {View.CATALOG} if documents_for(before, after, position.version) else set()
    if board_contents.rows_for(record.event, position):
        changed.add(View.BOARD_CONTENTS)
    assert changed | {View.HISTORY} == named_views(record)
    assert entry_for(record, position, outcome) is not None
