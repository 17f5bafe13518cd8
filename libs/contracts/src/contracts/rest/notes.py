"""Notes of runs and of experiments: rows 10 to 14 and 49 to 53. Times are ISO 8601 texts, UTC, with `Z`."""

import msgspec

from contracts.rest import bounds


class Note(msgspec.Struct, frozen=True):
    """One of a list."""

    id: str
    content: str
    created_at: str
    updated_at: str


class NoteContent(msgspec.Struct, frozen=True):
    """A note by itself."""

    id: str
    content: str
    updated_at: str


class NoteText(msgspec.Struct, frozen=True):
    """What a note is to say. content: its length is bounded in bytes of UTF-8."""

    content: bounds.Note


class NoteCreated(msgspec.Struct, frozen=True):
    id: str
    created_at: str


class NoteChanged(msgspec.Struct, frozen=True):
    id: str
    content: str
    updated_at: str
