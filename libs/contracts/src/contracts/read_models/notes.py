"""Documents of notes. Times are seconds UTC."""

from typing import Any

import msgspec

from contracts.trees import Tree, pack, unpack


class StoredNote(msgspec.Struct, frozen=True, kw_only=True):
    """What notes of runs and of experiments have in common.

    content: the text, or bytes: the packed StoredValue of it. `text` reads it, `note_content` makes it.
    """

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    content: Any
    created_at: float
    updated_at: float

    def text(self) -> Tree:
        """The text, or the StoredValue of it."""
        return unpack(self.content) if isinstance(self.content, bytes) else self.content


class RunNote(StoredNote, frozen=True, kw_only=True):
    """It belongs to one incarnation of its run; a StoredValue is the run's."""

    run_id: str
    incarnation: int


class ExperimentNote(StoredNote, frozen=True, kw_only=True):
    """A StoredValue of it belongs to no run."""

    experiment_id: str


def note_content(text: Tree) -> str | bytes:
    """What a document holds of a note's text, or of the StoredValue of it."""
    return text if isinstance(text, str) else pack(text)
