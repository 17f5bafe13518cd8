"""View `run_notes`: one document for each note."""

from contracts.events import Event, RunNoteAdded
from contracts.position import Position
from contracts.read_models import RunNote
from projector.fold.run_state import RunState


def rows_for(event: Event, state: RunState, position: Position) -> list[RunNote]:
    """state: after the event. An event that is none of notes gives no rows."""
    if not isinstance(event, RunNoteAdded):
        return []
    return [
        RunNote(
            id=event.note_id,
            version=position.version,
            run_id=state.run_id,
            incarnation=state.incarnation,
            content=event.content,
            created_at=event.at,
            updated_at=event.at,
        )
    ]
