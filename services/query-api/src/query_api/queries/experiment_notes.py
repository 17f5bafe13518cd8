"""Rows 49 and 51: the notes of an experiment."""

from collections.abc import AsyncGenerator

from contracts.errors import NotFound
from contracts.rest.notes import Note, NoteContent
from query_api.queries.experiments import known_experiment
from query_api.queries.note_texts import listed_notes, single_note
from query_api.queries.reads import Reads
from stores.runs.experiment_notes import note_of_experiment, notes_of_experiment


async def experiment_notes(reads: Reads, experiment_id: str) -> AsyncGenerator[list[Note], None]:
    """Parts, most recently updated first. Raises NotFound for an unknown experiment."""
    experiment = known_experiment(await reads.catalog(), experiment_id)
    notes = await notes_of_experiment(reads.documents, reads.names, experiment.id)
    return listed_notes(notes, reads.values.load_shared)


async def experiment_note(reads: Reads, experiment_id: str, note_id: str) -> NoteContent:
    """Raises NotFound for an unknown experiment, and for a note that is not the experiment's."""
    experiment = known_experiment(await reads.catalog(), experiment_id)
    note = await note_of_experiment(reads.documents, reads.names, experiment.id, note_id)
    if note is None:
        raise NotFound(f"Note with id {note_id} is not found in this experiment.")
    return await single_note(note, reads.values.load_shared)
