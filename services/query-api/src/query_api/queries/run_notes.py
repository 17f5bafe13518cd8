"""Rows 10 and 12: the notes of a run."""

from contracts.errors import NotFound
from contracts.rest.notes import Note, NoteContent
from contracts.rest.times import iso_utc
from query_api.queries.reads import Reads


async def run_notes(reads: Reads, run_id: str) -> list[Note]:
    """Most recently updated first. Raises NotFound for an unknown run."""
    run = await reads.runs.get(run_id)
    notes = await reads.runs.notes(run)
    return [Note(note.id, note.content, iso_utc(note.created_at), iso_utc(note.updated_at)) for note in notes]


async def run_note(reads: Reads, run_id: str, note_id: str) -> NoteContent:
    """Raises NotFound for an unknown run, and for a note that is not the run's."""
    run = await reads.runs.get(run_id)
    note = await reads.runs.note(run, note_id)
    if note is None:
        raise NotFound(f"Note with id {note_id} is not found in this run.")
    return NoteContent(note.id, note.content, iso_utc(note.updated_at))
