"""Commands on runs: rows 2, 3, 7, 11, 13 and 14 of the REST contract."""

import msgspec

from command_api.application.answers import RUN_NOT_FOUND, Decided, carry_out
from command_api.application.claim_check import Claims, store
from command_api.application.lookups import existing, may_be_a_run, of_run
from command_api.application.names import Names
from command_api.application.note_text import note_text
from command_api.application.ports import Caller, Tools
from command_api.application.recording import Appended, ToAppend
from contracts.errors import NotFound
from contracts.events import (
    RunArchived,
    RunDeleted,
    RunDescribed,
    RunEvent,
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
from contracts.read_models import RunDocument, RunNote
from contracts.trees import clean_text


class UpdateRun(msgspec.Struct, frozen=True):
    """None leaves a property as it is. experiment: a name, created if missing; an empty one detaches the run."""

    name: str | None = None
    description: str | None = None
    archived: bool | None = None
    experiment: str | None = None
    active: bool | None = None


async def existing_run(tools: Tools, run_id: str) -> RunDocument:
    """Raises NotFound with the text that every run route answers."""
    if not may_be_a_run(run_id):
        raise NotFound(RUN_NOT_FOUND)
    return await existing(tools, [of_run(run_id)], lambda: tools.views.run(run_id), RUN_NOT_FOUND)


async def update_run(tools: Tools, names: Names, caller: Caller, run_id: str, command: UpdateRun) -> Decided | None:
    """None if the command asks for nothing."""
    await existing_run(tools, run_id)
    events: list[RunEvent] = []
    created: list[Appended] = []
    if command.name is not None:
        events.append(RunRenamed(name=clean_text(command.name).strip()))
    if command.description is not None:
        events.append(RunDescribed(description=clean_text(command.description).strip()))
    if command.experiment is not None:
        name = clean_text(command.experiment).strip()
        found = await names.experiment(name, caller) if name else None
        events.append(RunMovedToExperiment(experiment_id=None if found is None else found.id))
        created += [found.created] if found is not None and found.created is not None else []
    if command.archived is not None:
        events.append(RunArchived() if command.archived else RunUnarchived())
    if command.active is not None:
        now = tools.clock()
        events.append(RunResumed(at=now, by="user") if command.active else RunFinished(at=now, reason="user"))
    if not events:
        return None
    return await carry_out(tools, caller, [ToAppend(event, run_id) for event in events], created)


async def delete_run(tools: Tools, caller: Caller, run_id: str) -> Decided:
    await existing_run(tools, run_id)
    return await carry_out(tools, caller, [ToAppend(RunDeleted(), run_id)])


async def clear_tombstone(tools: Tools, caller: Caller, run_id: str) -> Decided | None:
    """Idempotent: of a run without tombstone, or of no run, it changes nothing and succeeds.

    None for an id that no run can have: then nothing is written.
    """
    if not may_be_a_run(run_id):
        return None
    # The views are not asked: they may not show yet that the run is deleted.
    return await carry_out(tools, caller, [ToAppend(TombstoneCleared(), run_id)])


class NoteAdded(msgspec.Struct, frozen=True):
    """created_at: seconds UTC."""

    note_id: str
    created_at: float
    decided: Decided


async def add_run_note(tools: Tools, caller: Caller, run_id: str, content: str) -> NoteAdded:
    await existing_run(tools, run_id)
    claims = Claims()
    event = RunNoteAdded(note_id=tools.new_id(), content=claims.value(note_text(content)), at=tools.clock())
    await store(tools.blobs, run_id, claims.blobs)
    return NoteAdded(event.note_id, event.at, await carry_out(tools, caller, [ToAppend(event, run_id)]))


class NoteEdited(msgspec.Struct, frozen=True):
    """content: as it is now. updated_at: seconds UTC."""

    note_id: str
    content: str
    updated_at: float
    decided: Decided


async def edit_run_note(tools: Tools, caller: Caller, run_id: str, note_id: str, content: str) -> NoteEdited:
    text, claims = note_text(content), Claims()
    event = RunNoteEdited(note_id=note_id, content=claims.value(text), at=tools.clock())
    await _look_for_note(tools, run_id, note_id)
    await store(tools.blobs, run_id, claims.blobs)
    decided = await carry_out(tools, caller, [ToAppend(event, run_id)], missing=_missing(note_id))
    return NoteEdited(note_id, text, event.at, decided)


async def delete_run_note(tools: Tools, caller: Caller, run_id: str, note_id: str) -> Decided:
    await _look_for_note(tools, run_id, note_id)
    event = RunNoteDeleted(note_id=note_id)
    return await carry_out(tools, caller, [ToAppend(event, run_id)], missing=_missing(note_id))


async def _look_for_note(tools: Tools, run_id: str, note_id: str) -> None:
    """Raises NotFound if there is no such run, or no such note of it."""

    async def look() -> RunNote | None:
        run = await tools.views.run(run_id)
        return None if run is None else await tools.views.run_note(run, note_id)

    await existing_run(tools, run_id)
    await existing(tools, [of_run(run_id)], look, _missing(note_id))


def _missing(note_id: str) -> str:
    return f"Note with id {note_id} is not found in this run."
