"""Notes of runs."""

from contracts.events.base import RunEvent


class RunNoteAdded(RunEvent, frozen=True, kw_only=True):
    """`at`: seconds UTC, the note's creation and first update."""

    note_id: str
    content: str
    at: float
