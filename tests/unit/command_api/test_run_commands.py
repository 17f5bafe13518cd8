import pytest
from tests.unit.command_api.support import CALLER, NOW, RUN, Desk, catalog, entry, experiment, run_document

from command_api.application.runs import (
    UpdateRun,
    add_run_note,
    clear_tombstone,
    delete_run,
    delete_run_note,
    edit_run_note,
    update_run,
)
from contracts.errors import NotFound, ValidationFailed
from contracts.events import (
    Event,
    ExperimentCreated,
    RunArchived,
    RunDeleted,
    RunDescribed,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunRenamed,
    RunResumed,
    RunUnarchived,
    TombstoneCleared,
)
from contracts.keys import blob_key
from contracts.position import decode_token
from contracts.read_models import RunNote
from contracts.rest.bounds import MAX_NOTE_BYTES
from contracts.trees import MAX_INLINE_BYTES, set_aside

LARGE_TEXT = "x" * (MAX_INLINE_BYTES + 1)


def desk_with_run() -> Desk:
    return Desk([run_document()])


@pytest.mark.parametrize(
    ("command", "events"),
    [
        (UpdateRun(name="  a  "), [RunRenamed(name="a")]),
        (UpdateRun(name="\ud83d"), [RunRenamed(name="\ufffd")]),
        (UpdateRun(description=" d\n"), [RunDescribed(description="d")]),
        (UpdateRun(archived=True), [RunArchived()]),
        (UpdateRun(archived=False), [RunUnarchived()]),
        (UpdateRun(active=False), [RunFinished(at=NOW, reason="user")]),
        (UpdateRun(active=True), [RunResumed(at=NOW, by="user")]),
        (UpdateRun(experiment=" "), [RunMovedToExperiment(experiment_id=None)]),
        (UpdateRun(experiment=" known "), [RunMovedToExperiment(experiment_id="e-1")]),
    ],
)
async def test_each_property_is_an_event(command: UpdateRun, events: list[Event]) -> None:
    desk = Desk([run_document()], catalog(experiments=[experiment("e-1", "known")]))
    assert await update_run(desk.tools, desk.names, CALLER, RUN, command) is not None
    assert desk.events == events


async def test_several_properties_are_appended_at_once() -> None:
    desk = desk_with_run()
    decided = await update_run(desk.tools, desk.names, CALLER, RUN, UpdateRun(name="a", description="b", archived=True))
    assert [type(event) for event in desk.events] == [RunRenamed, RunDescribed, RunArchived]
    assert desk.faults.reached.count("log.append") == 1
    assert decided is not None
    assert decided.visible


async def test_a_missing_experiment_is_created_and_waited_for() -> None:
    desk = desk_with_run()
    decided = await update_run(desk.tools, desk.names, CALLER, RUN, UpdateRun(experiment="new"))
    assert desk.events == [
        RunMovedToExperiment(experiment_id="id-1"),
        ExperimentCreated(experiment_id="id-1", name="new", at=NOW),
    ]
    assert decided is not None
    assert len(decode_token(decided.position)) == 2
    assert len(desk.outcomes.waited) == 2


async def test_nothing_asked_nothing_written() -> None:
    desk = desk_with_run()
    assert await update_run(desk.tools, desk.names, CALLER, RUN, UpdateRun()) is None
    assert desk.events == []


async def test_commands_on_an_unknown_run_write_nothing() -> None:
    desk = Desk()
    with pytest.raises(NotFound, match=r"Run not found\."):
        await update_run(desk.tools, desk.names, CALLER, RUN, UpdateRun(name="a", experiment="new"))
    with pytest.raises(NotFound, match=r"Run not found\."):
        await delete_run(desk.tools, CALLER, RUN)
    with pytest.raises(NotFound, match=r"Run not found\."):
        await add_run_note(desk.tools, CALLER, RUN, "text")
    assert desk.events == []


async def test_a_run_that_was_deleted_meanwhile_is_not_found() -> None:
    desk = desk_with_run()
    desk.outcomes.verdicts[RunDeleted] = lambda r: entry(r, "ignored", "run deleted", "not_found")
    with pytest.raises(NotFound, match=r"Run not found\."):
        await delete_run(desk.tools, CALLER, RUN)


async def test_clearing_a_tombstone_asks_no_view() -> None:
    desk = Desk()
    desk.views.unavailable = True
    assert await clear_tombstone(desk.tools, CALLER, "never-seen") is not None
    assert desk.events == [TombstoneCleared()]


@pytest.mark.parametrize("run_id", ["", "progress_1", "a b", "x" * 129, "..", "ü"])
async def test_clearing_the_tombstone_of_an_id_that_no_run_can_have_writes_nothing(run_id: str) -> None:
    desk = Desk()
    assert await clear_tombstone(desk.tools, CALLER, run_id) is None
    assert desk.events == []


async def test_a_note_is_trimmed_and_carries_its_time() -> None:
    desk = desk_with_run()
    note = await add_run_note(desk.tools, CALLER, RUN, "  text ")
    assert desk.events == [RunNoteAdded(note_id="id-1", content="text", at=NOW)]
    assert (note.note_id, note.created_at) == ("id-1", NOW)


async def test_an_empty_note_is_a_note() -> None:
    desk = desk_with_run()
    await add_run_note(desk.tools, CALLER, RUN, " ")
    assert desk.events == [RunNoteAdded(note_id="id-1", content="", at=NOW)]


async def test_a_note_that_is_too_long_is_refused_and_nothing_of_it_is_written() -> None:
    desk = desk_with_run()
    desk.views.notes["n-1"] = note_document("n-1")
    text = "ä" * (MAX_NOTE_BYTES // 2 + 1)
    for call in (
        add_run_note(desk.tools, CALLER, RUN, text),
        edit_run_note(desk.tools, CALLER, RUN, "n-1", text),
    ):
        with pytest.raises(ValidationFailed, match=f"may have {MAX_NOTE_BYTES} bytes of UTF-8, this one has"):
            await call
    assert (desk.events, desk.blobs.stored) == ([], {})


async def test_a_large_note_is_stored_under_its_run_before_the_event() -> None:
    desk = desk_with_run()
    claim, data = set_aside(LARGE_TEXT)
    await add_run_note(desk.tools, CALLER, RUN, f" {LARGE_TEXT}\n")
    assert desk.events == [RunNoteAdded(note_id="id-1", content=claim, at=NOW)]
    assert desk.faults.reached == ["blobs.put", "log.append"]
    assert desk.blobs.stored == {blob_key(RUN, claim.hash): data}


async def test_a_large_text_in_the_place_of_a_note_is_answered_as_text() -> None:
    desk = desk_with_run()
    desk.views.notes["n-1"] = note_document("n-1")
    claim, data = set_aside(LARGE_TEXT)
    assert (await edit_run_note(desk.tools, CALLER, RUN, "n-1", LARGE_TEXT)).content == LARGE_TEXT
    assert desk.events == [RunNoteEdited(note_id="n-1", content=claim, at=NOW)]
    assert desk.faults.reached == ["blobs.put", "log.append"]
    assert desk.blobs.stored == {blob_key(RUN, claim.hash): data}


def note_document(note_id: str) -> RunNote:
    return RunNote(id=note_id, version=1, run_id=RUN, incarnation=1, content="old", created_at=NOW, updated_at=NOW)


async def test_a_note_is_changed_and_removed_where_it_is() -> None:
    desk = desk_with_run()
    desk.views.notes["n-1"] = note_document("n-1")
    edited = await edit_run_note(desk.tools, CALLER, RUN, "n-1", " new ")
    assert (edited.content, edited.updated_at) == ("new", NOW)
    await delete_run_note(desk.tools, CALLER, RUN, "n-1")
    assert desk.events == [
        RunNoteEdited(note_id="n-1", content="new", at=NOW),
        RunNoteDeleted(note_id="n-1"),
    ]


async def test_a_note_that_is_not_there_writes_nothing() -> None:
    desk = desk_with_run()
    for call in (
        edit_run_note(desk.tools, CALLER, RUN, "n-1", LARGE_TEXT),
        delete_run_note(desk.tools, CALLER, RUN, "n-1"),
    ):
        with pytest.raises(NotFound, match=r"Note with id n-1 is not found in this run\."):
            await call
    with pytest.raises(NotFound, match=r"Run not found\."):
        await add_run_note(desk.tools, CALLER, "run-2", LARGE_TEXT)
    assert (desk.events, desk.blobs.stored) == ([], {})


async def test_a_note_that_another_caller_removed_first_is_not_found() -> None:
    desk = desk_with_run()
    desk.views.notes["n-1"] = note_document("n-1")
    desk.outcomes.verdicts[RunNoteEdited] = lambda r: entry(r, "ignored", "note not found", "not_found")
    with pytest.raises(NotFound, match=r"Note with id n-1 is not found in this run\."):
        await edit_run_note(desk.tools, CALLER, RUN, "n-1", "x")
