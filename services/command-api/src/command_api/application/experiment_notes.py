"""Commands on notes of experiments: rows 50, 52 and 53 of the REST contract."""

from command_api.application.answers import Decided, carry_out
from command_api.application.claim_check import Claims, store_shared
from command_api.application.experiments import NOT_FOUND, existing_experiment
from command_api.application.lookups import OF_CATALOG, existing
from command_api.application.note_text import note_text
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from command_api.application.runs import NoteAdded, NoteEdited
from contracts.events import ExperimentNoteAdded, ExperimentNoteDeleted, ExperimentNoteEdited


async def add_experiment_note(tools: Tools, caller: Caller, experiment_id: str, content: str) -> NoteAdded:
    experiment = await existing_experiment(tools, experiment_id)
    claims, now = Claims(), tools.clock()
    event = ExperimentNoteAdded(
        experiment_id=experiment.id, note_id=tools.new_id(), content=claims.value(note_text(content)), at=now
    )
    await store_shared(tools.blobs, claims.blobs)
    decided = await carry_out(tools, caller, [ToAppend(event)], missing=NOT_FOUND)
    return NoteAdded(event.note_id, now, decided)


async def edit_experiment_note(
    tools: Tools, caller: Caller, experiment_id: str, note_id: str, content: str
) -> NoteEdited:
    owner = await _owner(tools, experiment_id, note_id)
    text, claims, now = note_text(content), Claims(), tools.clock()
    event = ExperimentNoteEdited(experiment_id=owner, note_id=note_id, content=claims.value(text), at=now)
    await store_shared(tools.blobs, claims.blobs)
    decided = await carry_out(tools, caller, [ToAppend(event)], missing=_missing(note_id))
    return NoteEdited(note_id, text, now, decided)


async def delete_experiment_note(tools: Tools, caller: Caller, experiment_id: str, note_id: str) -> Decided:
    event = ExperimentNoteDeleted(experiment_id=await _owner(tools, experiment_id, note_id), note_id=note_id)
    return await carry_out(tools, caller, [ToAppend(event)], missing=_missing(note_id))


async def _owner(tools: Tools, experiment_id: str, note_id: str) -> str:
    """Id of the experiment. Raises NotFound if there is none, or no such note of it."""
    experiment = await existing_experiment(tools, experiment_id)
    await existing(tools, [OF_CATALOG], lambda: tools.views.experiment_note(experiment.id, note_id), _missing(note_id))
    return experiment.id


def _missing(note_id: str) -> str:
    return f"Note with id {note_id} is not found in this experiment."
