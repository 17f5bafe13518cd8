"""Row 10: the notes of a run."""

from contracts.rest.run_reads import Note
from contracts.rest.times import iso_utc
from query_api.queries.reads import Reads


async def run_notes(reads: Reads, run_id: str) -> list[Note]:
    """Most recently updated first. Raises NotFound for an unknown run."""
    run = await reads.runs.get(run_id)
    notes = await reads.runs.notes(run)
    return [Note(note.id, note.content, iso_utc(note.created_at), iso_utc(note.updated_at)) for note in notes]
