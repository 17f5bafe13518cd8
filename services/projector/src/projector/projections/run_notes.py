"""View `run_notes`: one document for each note."""

from contracts.events import Event, RunNoteAdded, RunNoteDeleted, RunNoteEdited
from contracts.position import Position
from contracts.read_models import RunNote
from contracts.read_models.notes import note_content
from projector.fold.run_state import RunState
from projector.projections.removed import Removed


def rows_for(event: Event, state: RunState, position: Position) -> list[RunNote | Removed]:
    """state: after the event. An event that is none of notes gives no rows."""
    if isinstance(event, RunNoteDeleted):
        return [Removed(event.note_id, position.version)]
    if not isinstance(event, RunNoteAdded | RunNoteEdited):
        return []
    created_at = state.notes[event.note_id]
    return [
        RunNote(
            id=event.note_id,
            version=position.version,
            run_id=state.run_id,
            incarnation=state.incarnation,
            content=note_content(event.content),
            created_at=created_at,
            updated_at=created_at if isinstance(event, RunNoteAdded) else event.at,
        )
    ]
