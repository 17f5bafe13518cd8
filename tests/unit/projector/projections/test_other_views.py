"""Notes, catalog documents and history."""

import pytest
from msgspec.structs import replace
from tests.unit.projector.fold.builders import RUN, T0, at, fold_catalog_all, recorded, run_of, tracked

from contracts import topics
from contracts.errors import InvalidEvent
from contracts.events import (
    Event,
    ExperimentArchived,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentNoteAdded,
    ExperimentNoteEdited,
    PinnedSequence,
    RunCreated,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunRenamed,
    SequencesPinned,
    TagCreated,
    TagDeleted,
)
from contracts.read_models import HistoryEntry, RunNote, to_document
from contracts.tables import ALIASES, EXPERIMENT_NOTES, EXPERIMENTS, SETTINGS, TAGS
from contracts.trees import pack, set_aside
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Applied, Ignored, Outcome
from projector.projections.catalog import documents_for
from projector.projections.history import entry_for
from projector.projections.removed import Removed
from projector.projections.run_notes import rows_for


def test_a_note_is_a_document_of_its_own() -> None:
    note = RunNoteAdded(note_id="n1", content="text", at=T0 + 3)
    state = run_of(RunCreated(at=T0), note)
    first = RunNote(
        id="n1",
        version=at(4).version,
        run_id=RUN,
        incarnation=1,
        content="text",
        created_at=T0 + 3,
        updated_at=T0 + 3,
    )
    assert rows_for(note, state, at(4)) == [first]
    edited = rows_for(RunNoteEdited(note_id="n1", content="more", at=T0 + 9), state, at(5))
    assert edited == [replace(first, version=at(5).version, content="more", updated_at=T0 + 9)]
    assert rows_for(RunNoteDeleted(note_id="n1"), state, at(6)) == [Removed("n1", at(6).version)]
    assert rows_for(RunRenamed(name="x"), run_of(RunCreated(at=T0)), at(4)) == []


def test_of_a_large_note_the_document_holds_what_stands_for_it() -> None:
    claim, _ = set_aside("a text that is too large")
    note = RunNoteAdded(note_id="n1", content=claim, at=T0)
    (added,) = rows_for(note, run_of(RunCreated(at=T0), note), at(4))
    assert isinstance(added, RunNote)
    log: list[Event] = [
        ExperimentCreated(experiment_id="e1", name="x", at=T0),
        ExperimentNoteAdded(experiment_id="e1", note_id="n1", content=claim, at=T0),
        ExperimentNoteAdded(experiment_id="e1", note_id="n2", content="text", at=T0),
        ExperimentNoteEdited(experiment_id="e1", note_id="n2", content=claim, at=T0),
    ]
    notes = fold_catalog_all(log)[0].experiment_notes
    for document in map(to_document, (added, notes["n1"], notes["n2"])):
        assert document["content"] == pack(claim)
    assert [one.text() for one in (added, notes["n1"], notes["n2"])] == [claim] * 3


def test_exactly_the_changed_documents_of_the_catalog_are_written() -> None:
    created: list[Event] = [
        ExperimentCreated(experiment_id="e1", name="x", at=T0),
        ExperimentCreated(experiment_id="e2", name="y", at=T0),
        TagCreated(tag_id="t1", name="x"),
    ]
    before, _ = fold_catalog_all(created)
    changes: list[Event] = [
        ExperimentArchived(experiment_id="e2"),
        TagCreated(tag_id="t2", name="x"),
        TagCreated(tag_id="t3", name="z"),
        SequencesPinned(sequences=(PinnedSequence("loss"),)),
    ]
    after, _ = fold_catalog_all(changes, before)
    assert documents_for(before, after, at(4).version) == [
        (EXPERIMENTS, after.experiments["e2"]),
        (TAGS, after.tags["t3"]),
        (ALIASES, after.aliases["t2"]),
        (SETTINGS, after.pinned),
    ]
    assert documents_for(after, after, at(4).version) == []
    assert len(documents_for(CatalogState(), after, at(4).version)) == 6


def test_what_is_gone_from_the_catalog_is_removed_with_all_that_hangs_on_it() -> None:
    log: list[Event] = [
        ExperimentCreated(experiment_id="e1", name="x", at=T0),
        ExperimentCreated(experiment_id="e2", name="x", at=T0),
        ExperimentNoteAdded(experiment_id="e1", note_id="n1", content="c", at=T0),
        TagCreated(tag_id="t1", name="x"),
        TagCreated(tag_id="t2", name="y"),
    ]
    before, _ = fold_catalog_all(log)
    after, _ = fold_catalog_all([ExperimentDeleted(experiment_id="e1"), TagDeleted(tag_id="t1")], before)
    version = at(6).version
    assert documents_for(before, after, version) == [
        (EXPERIMENTS, Removed("e1", version)),
        (EXPERIMENT_NOTES, Removed("n1", version)),
        (TAGS, Removed("t1", version)),
        (ALIASES, Removed("e2", version)),
    ]
    made_and_gone, _ = fold_catalog_all([*log, ExperimentDeleted(experiment_id="e2")])
    assert EXPERIMENTS not in {collection for collection, _ in documents_for(CatalogState(), made_and_gone, version)}


def test_documents_of_the_catalog_do_not_depend_on_how_the_log_was_cut() -> None:
    log: list[Event] = [
        ExperimentCreated(experiment_id="e1", name="x", at=T0),
        ExperimentArchived(experiment_id="e1"),
        TagCreated(tag_id="t1", name="x"),
    ]
    whole, _ = fold_catalog_all(log)
    written = {}
    state = CatalogState()
    for cut in range(len(log)):
        after, _ = fold_catalog_all(log[: cut + 1])
        written.update({document.id: document for _, document in documents_for(state, after, at(cut).version)})
        state = after
    assert written == {document.id: document for _, document in documents_for(CatalogState(), whole, at(2).version)}


def test_an_entry_of_the_history_says_who_did_what_when_and_how_it_ended() -> None:
    record = recorded(RunRenamed(name="x"), 5.0, actor="ada", request_id="r")
    assert entry_for(record, at(9), Applied(record.event)) == HistoryEntry(
        id=record.header.id,
        version=at(9).version,
        topic=topics.RUNS,
        partition=0,
        offset=9,
        key=RUN,
        type="RunRenamed",
        recorded_at=T0 + 5,
        actor="ada",
        request_id="r",
        outcome="applied",
        reason=None,
        code=None,
        entity_id=None,
    )


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Ignored("name taken by w", "bad_request", "w"), ("ignored", "name taken by w", "bad_request", "w")),
        (InvalidEvent("no good"), ("invalid", "no good", "bad_request", None)),
    ],
)
def test_what_was_not_applied_says_why(
    outcome: Outcome | InvalidEvent, expected: tuple[str, str, str, str | None]
) -> None:
    entry = entry_for(recorded(tracked([(0, 1.0)])), at(0), outcome)
    assert entry is not None
    assert (entry.outcome, entry.reason, entry.code, entry.entity_id) == expected


def test_accepted_points_leave_no_entry() -> None:
    event = tracked([(0, 1.0)])
    assert entry_for(recorded(event), at(0), Applied(event)) is None
