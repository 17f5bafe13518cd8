"""What a purge takes out of all views that hold something of one incarnation."""

import msgspec

from contracts.events import RunPurged
from contracts.keys import data_key
from contracts.position import Position
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState


class Purged(msgspec.Struct, frozen=True):
    """key: `contracts.keys.data_key`. version: of the event that says so."""

    run_id: str
    incarnation: int
    version: int

    @property
    def key(self) -> int:
        return data_key(self.run_id, self.incarnation)


def purged_by(applied: Applied, state: RunState, position: Position) -> list[Purged]:
    """state: after the event. An event that is no purge takes nothing."""
    event = applied.event
    return [Purged(state.run_id, event.incarnation, position.version)] if isinstance(event, RunPurged) else []


def is_purged(state: RunState) -> bool:
    """Whether nothing is left of the incarnation that the state is about."""
    entry = state.trash.get(state.incarnation)
    return entry is not None and entry.purged_at is not None
