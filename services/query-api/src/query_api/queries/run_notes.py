"""Rows 10 and 12: the notes of a run."""

from collections.abc import AsyncGenerator
from functools import partial

from contracts.errors import NotFound
from contracts.rest.notes import Note, NoteContent
from query_api.queries.note_texts import listed_notes, single_note
from query_api.queries.reads import Reads


async def run_notes(reads: Reads, run_id: str) -> AsyncGenerator[list[Note], None]:
    """Parts, most recently updated first. Raises NotFound for an unknown run."""
    run = await reads.runs.get(run_id)
    return listed_notes(await reads.runs.notes(run), partial(reads.values.load, run.id))


async def run_note(reads: Reads, run_id: str, note_id: str) -> NoteContent:
    """Raises NotFound for an unknown run, and for a note that is not the run's."""
    run = await reads.runs.get(run_id)
    note = await reads.runs.note(run, note_id)
    if note is None:
        raise NotFound(f"Note with id {note_id} is not found in this run.")
    return await single_note(note, partial(reads.values.load, run.id))
