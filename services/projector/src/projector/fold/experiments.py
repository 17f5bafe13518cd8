"""Rules of experiments and of their notes. Runs hold an experiment's id and are not touched by anything here."""

from msgspec.structs import replace

from contracts.events import (
    Event,
    ExperimentArchived,
    ExperimentChanged,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentDescribed,
    ExperimentNoteAdded,
    ExperimentNoteDeleted,
    ExperimentNoteEdited,
    ExperimentRenamed,
    ExperimentUnarchived,
)
from contracts.read_models import Experiment, ExperimentNote
from contracts.read_models.notes import note_content
from projector.fold.catalog_rules import Rule, Step, refused_creation, renamed, taken, without, without_aliases
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import DUPLICATE, Ignored

NO_EXPERIMENT = Ignored("experiment not found", "not_found")
NO_NOTE = Ignored("note not found", "not_found")


def _create(state: CatalogState, event: ExperimentCreated, version: int) -> Step:
    owner = state.experiment_ids.get(event.name)
    refused = refused_creation(state, "experiment", event.experiment_id, owner, version)
    if refused is not None:
        return refused
    created = Experiment(
        id=event.experiment_id,
        version=version,
        name=event.name,
        description=event.description,
        archived=False,
        created_at=event.at,
        position=version,
    )
    after = replace(
        state,
        experiments={**state.experiments, created.id: created},
        experiment_ids={**state.experiment_ids, created.name: created.id},
    )
    return after, None


def _change(state: CatalogState, event: ExperimentChanged, version: int) -> Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    experiment = state.experiments[target]
    name = experiment.name if event.name is None else event.name
    owner = state.experiment_ids.get(name, target)
    if owner != target:
        return state, taken(owner)
    changed = replace(
        experiment,
        version=version,
        name=name,
        description=experiment.description if event.description is None else event.description,
        archived=experiment.archived if event.archived is None else event.archived,
    )
    names = renamed(state.experiment_ids, experiment.name, name)
    return replace(state, experiments={**state.experiments, target: changed}, experiment_ids=names), None


def _rename(state: CatalogState, event: ExperimentRenamed, version: int) -> Step:
    return _change(state, ExperimentChanged(experiment_id=event.experiment_id, name=event.name), version)


def _describe(state: CatalogState, event: ExperimentDescribed, version: int) -> Step:
    change = ExperimentChanged(experiment_id=event.experiment_id, description=event.description)
    return _change(state, change, version)


def _archive(state: CatalogState, event: ExperimentArchived | ExperimentUnarchived, version: int) -> Step:
    archived = isinstance(event, ExperimentArchived)
    return _change(state, ExperimentChanged(experiment_id=event.experiment_id, archived=archived), version)


def _delete(state: CatalogState, event: ExperimentDeleted, version: int) -> Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    after = replace(
        state,
        experiments=without(state.experiments, target),
        experiment_ids=without(state.experiment_ids, state.experiments[target].name),
        experiment_notes={
            note_id: note for note_id, note in state.experiment_notes.items() if note.experiment_id != target
        },
        aliases=without_aliases(state, target),
    )
    return after, None


def _add_note(state: CatalogState, event: ExperimentNoteAdded, version: int) -> Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    if event.note_id in state.experiment_notes:
        return state, Ignored(DUPLICATE, "conflict")
    added = ExperimentNote(
        id=event.note_id,
        version=version,
        experiment_id=target,
        content=note_content(event.content),
        created_at=event.at,
        updated_at=event.at,
    )
    return replace(state, experiment_notes={**state.experiment_notes, added.id: added}), None


def _edit_note(state: CatalogState, event: ExperimentNoteEdited, version: int) -> Step:
    note = _note_of(state, event)
    if note is None:
        return state, NO_NOTE
    edited = replace(note, version=version, content=note_content(event.content), updated_at=event.at)
    return replace(state, experiment_notes={**state.experiment_notes, note.id: edited}), None


def _delete_note(state: CatalogState, event: ExperimentNoteDeleted, version: int) -> Step:
    note = _note_of(state, event)
    if note is None:
        return state, NO_NOTE
    return replace(state, experiment_notes=without(state.experiment_notes, note.id)), None


def _note_of(state: CatalogState, event: ExperimentNoteEdited | ExperimentNoteDeleted) -> ExperimentNote | None:
    """The note, if it is one of the experiment that the event names."""
    note = state.experiment_notes.get(event.note_id)
    return note if note and note.experiment_id == state.resolve("experiment", event.experiment_id) else None


RULES: dict[type[Event], Rule] = {
    ExperimentCreated: _create,
    ExperimentChanged: _change,
    ExperimentRenamed: _rename,
    ExperimentDescribed: _describe,
    ExperimentArchived: _archive,
    ExperimentUnarchived: _archive,
    ExperimentDeleted: _delete,
    ExperimentNoteAdded: _add_note,
    ExperimentNoteEdited: _edit_note,
    ExperimentNoteDeleted: _delete_note,
}
