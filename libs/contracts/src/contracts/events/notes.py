"""Notes of runs and of experiments. content: text, or a StoredValue of it. Times are seconds UTC."""

from typing import Any, Literal

from contracts.events.base import CatalogEvent, RunEvent


class RunNoteAdded(RunEvent, frozen=True, kw_only=True):
    """`at`: the note's creation and first update. From a client it begins an unknown run; from a user it does not."""

    note_id: str
    content: Any
    at: float
    by: Literal["client", "user"] = "user"


class RunNoteEdited(RunEvent, frozen=True, kw_only=True):
    note_id: str
    content: Any
    at: float


class RunNoteDeleted(RunEvent, frozen=True, kw_only=True):
    note_id: str


class ExperimentNoteAdded(CatalogEvent, frozen=True, kw_only=True):
    """`at`: the note's creation and first update."""

    experiment_id: str
    note_id: str
    content: Any
    at: float


class ExperimentNoteEdited(CatalogEvent, frozen=True, kw_only=True):
    experiment_id: str
    note_id: str
    content: Any
    at: float


class ExperimentNoteDeleted(CatalogEvent, frozen=True, kw_only=True):
    experiment_id: str
    note_id: str
