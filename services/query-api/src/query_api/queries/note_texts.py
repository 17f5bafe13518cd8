"""Notes as they are shown; long ones lie in the blob store."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence

from contracts.read_models import StoredNote
from contracts.rest.notes import Note, NoteContent
from contracts.rest.times import iso_utc
from contracts.trees import StoredValue, Tree, stored_values, with_values
from query_api.queries.stored_weight import by_weight

Load = Callable[[Iterable[StoredValue]], Awaitable[Mapping[StoredValue, Tree]]]
"""Gives what the notes' owner has in the blob store. Raises StoreUnavailable."""


async def listed_notes(notes: Sequence[StoredNote], load: Load) -> AsyncGenerator[list[Note], None]:
    """Parts, in order, that need little of the blob store. Raises as `load`."""
    for part in by_weight(notes, _claims):
        texts = await _texts(part, load)
        yield [
            Note(note.id, text, iso_utc(note.created_at), iso_utc(note.updated_at))
            for note, text in zip(part, texts, strict=True)
        ]


async def single_note(note: StoredNote, load: Load) -> NoteContent:
    """Raises as `load`."""
    (text,) = await _texts([note], load)
    return NoteContent(note.id, text, iso_utc(note.updated_at))


async def _texts(notes: Sequence[StoredNote], load: Load) -> list[str]:
    known = await load(claim for note in notes for claim in _claims(note))
    return [with_values(note.text(), known) for note in notes]


def _claims(note: StoredNote) -> list[StoredValue]:
    return list(stored_values(note.text()))
