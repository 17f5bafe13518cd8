import pytest
from tests.unit.command_api.support import CALLER, NOW, Desk, Verdict, catalog, entry, experiment

from command_api.application.experiment_notes import (
    add_experiment_note,
    delete_experiment_note,
    edit_experiment_note,
)
from contracts.errors import NotFound, ValidationFailed
from contracts.events import ExperimentNoteAdded, ExperimentNoteDeleted, ExperimentNoteEdited
from contracts.keys import shared_blob_key
from contracts.read_models import ExperimentNote
from contracts.rest.bounds import MAX_NOTE_BYTES
from contracts.trees import MAX_INLINE_BYTES, set_aside

GONE: Verdict = lambda r: entry(r, "ignored", "not found", "not_found")  # noqa: E731 - a value of a type
LARGE_TEXT = "x" * (MAX_INLINE_BYTES + 1)
MISSING = r"Note with id n is not found in this experiment\."


def desk_with_note() -> Desk:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e"), experiment("e-2", "f")], aliases={"alias": "e-1"}))
    note = ExperimentNote(id="n", version=1, experiment_id="e-1", content="c", created_at=NOW, updated_at=NOW)
    desk.views.experiment_notes["e-1", "n"] = note
    return desk


async def test_a_note_is_added_to_the_experiment_that_counts() -> None:
    desk = desk_with_note()
    added = await add_experiment_note(desk.tools, CALLER, "alias", " text ")
    assert (added.note_id, added.created_at) == ("id-1", NOW)
    assert desk.events == [ExperimentNoteAdded(experiment_id="e-1", note_id="id-1", content="text", at=NOW)]


async def test_a_note_may_be_empty_and_loses_what_no_store_takes() -> None:
    desk = desk_with_note()
    await add_experiment_note(desk.tools, CALLER, "e-1", " ")
    await edit_experiment_note(desk.tools, CALLER, "e-1", "n", "a\udc00")
    assert desk.events == [
        ExperimentNoteAdded(experiment_id="e-1", note_id="id-1", content="", at=NOW),
        ExperimentNoteEdited(experiment_id="e-1", note_id="n", content="a\ufffd", at=NOW),
    ]


async def test_a_note_is_edited_and_deleted() -> None:
    desk = desk_with_note()
    desk.now = NOW + 5
    edited = await edit_experiment_note(desk.tools, CALLER, "alias", "n", " more ")
    assert (edited.note_id, edited.content, edited.updated_at) == ("n", "more", NOW + 5)
    await delete_experiment_note(desk.tools, CALLER, "alias", "n")
    assert desk.events == [
        ExperimentNoteEdited(experiment_id="e-1", note_id="n", content="more", at=NOW + 5),
        ExperimentNoteDeleted(experiment_id="e-1", note_id="n"),
    ]


async def test_a_large_note_is_stored_before_the_event() -> None:
    desk = desk_with_note()
    claim, data = set_aside(LARGE_TEXT)
    await add_experiment_note(desk.tools, CALLER, "alias", f" {LARGE_TEXT}\n")
    assert desk.faults.reached == ["blobs.put", "log.append"]
    assert (await edit_experiment_note(desk.tools, CALLER, "e-1", "n", LARGE_TEXT)).content == LARGE_TEXT
    assert desk.faults.reached == ["blobs.put", "log.append"] * 2
    assert desk.events == [
        ExperimentNoteAdded(experiment_id="e-1", note_id="id-1", content=claim, at=NOW),
        ExperimentNoteEdited(experiment_id="e-1", note_id="n", content=claim, at=NOW),
    ]
    assert desk.blobs.stored == {shared_blob_key(claim.hash): data}


async def test_a_note_that_is_too_long_is_refused_and_nothing_of_it_is_written() -> None:
    desk = desk_with_note()
    text = "ä" * (MAX_NOTE_BYTES // 2 + 1)
    for call in (
        add_experiment_note(desk.tools, CALLER, "e-1", text),
        edit_experiment_note(desk.tools, CALLER, "e-1", "n", text),
    ):
        with pytest.raises(ValidationFailed, match=f"may have {MAX_NOTE_BYTES} bytes of UTF-8, this one has"):
            await call
    assert (desk.events, desk.blobs.stored) == ([], {})


async def test_a_note_is_found_through_its_own_experiment_alone() -> None:
    desk = desk_with_note()
    with pytest.raises(NotFound, match=MISSING):
        await edit_experiment_note(desk.tools, CALLER, "e-2", "n", LARGE_TEXT)
    with pytest.raises(NotFound, match=MISSING):
        await delete_experiment_note(desk.tools, CALLER, "e-2", "n")
    assert (desk.events, desk.blobs.stored) == ([], {})


async def test_an_unknown_experiment_is_not_found() -> None:
    desk = desk_with_note()
    for call in (
        add_experiment_note(desk.tools, CALLER, "e-3", LARGE_TEXT),
        edit_experiment_note(desk.tools, CALLER, "e-3", "n", "c"),
        delete_experiment_note(desk.tools, CALLER, "e-3", "n"),
    ):
        with pytest.raises(NotFound, match="Not Found"):
            await call
    assert (desk.events, desk.blobs.stored) == ([], {})


async def test_what_went_meanwhile_is_not_found() -> None:
    desk = desk_with_note()
    for event in (ExperimentNoteAdded, ExperimentNoteEdited, ExperimentNoteDeleted):
        desk.outcomes.verdicts[event] = GONE
    with pytest.raises(NotFound, match="Not Found"):
        await add_experiment_note(desk.tools, CALLER, "e-1", "c")
    with pytest.raises(NotFound, match=MISSING):
        await edit_experiment_note(desk.tools, CALLER, "e-1", "n", "c")
    with pytest.raises(NotFound, match=MISSING):
        await delete_experiment_note(desk.tools, CALLER, "e-1", "n")
