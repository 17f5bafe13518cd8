"""View `trash`: one document for each incarnation that was deleted and not taken back."""

from contracts.events import Event, RunUndeleted
from contracts.keys import trash_id
from contracts.position import Position
from contracts.read_models import TrashedRun
from contracts.topics import RUNS, partition_for
from projector.fold.run_state import RunState
from projector.fold.trashed import Trashed
from projector.projections.removed import Removed


def documents_for(before: RunState | None, after: RunState) -> list[TrashedRun | Removed]:
    """What changed between two states of a run. `before` is None for a run that no event had begun."""
    known = {} if before is None else before.trash
    if known is after.trash:
        return []
    gone = [Removed(trash_id(after.run_id, number), after.version) for number in known if number not in after.trash]
    changed = [
        _document(after.run_id, number, entry) for number, entry in after.trash.items() if known.get(number) != entry
    ]
    return [*gone, *changed]


def taken_back(event: Event, state: RunState, position: Position) -> list[Removed]:
    """What goes even where the states before and after a batch do not know of it.

    Of a batch that deletes a run and takes it back, a commit that a crash cut short may have written the deletion only.
    state: after the event.
    """
    if not isinstance(event, RunUndeleted):
        return []
    return [Removed(trash_id(state.run_id, state.incarnation), position.version)]


def _document(run_id: str, incarnation: int, entry: Trashed) -> TrashedRun:
    return TrashedRun(
        id=trash_id(run_id, incarnation),
        version=entry.version,
        run_id=run_id,
        incarnation=incarnation,
        name=entry.name,
        deleted_at=entry.deleted_at,
        tombstone=entry.tombstone,
        purged_at=entry.purged_at,
        purge=entry.purge,
        partition=partition_for(RUNS, run_id),
        cleared_at=entry.cleared_at,
    )
