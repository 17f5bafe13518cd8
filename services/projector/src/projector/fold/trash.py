"""Events about deleted incarnations: taken back, purged, their tombstones cleared. They begin no run."""

from msgspec.structs import replace

from contracts.events import Event, RunPurged, RunUndeleted, TombstoneCleared
from projector.fold.outcome import NO_RUN, REPEATED, Ignored
from projector.fold.run_state import RunState, new_run
from projector.fold.trashed import is_restorable, purged, without_tombstone

OF_TRASH: tuple[type[Event], ...] = (RunUndeleted, RunPurged, TombstoneCleared)

NOT_DELETED = Ignored("run is not deleted", "conflict")
PURGED = Ignored("run was purged", "conflict")
OTHER_INCARNATION = Ignored("another incarnation of the run is there now", "conflict")


def refusal_in_trash(state: RunState | None, event: Event) -> Ignored | None:
    if isinstance(event, TombstoneCleared):
        meant = event.incarnation
        return OTHER_INCARNATION if meant is not None and (state is None or state.incarnation != meant) else None
    if state is None:
        return NO_RUN
    if isinstance(event, RunPurged):
        return _refused_purge(state, event.incarnation)
    if state.phase == "live":
        return NOT_DELETED
    return None if is_restorable(state.trash, state.incarnation) else PURGED


def _refused_purge(state: RunState, incarnation: int) -> Ignored | None:
    if incarnation not in state.trash:
        return NOT_DELETED
    return None if is_restorable(state.trash, incarnation) else REPEATED


def after_event_of_trash(state: RunState | None, event: Event, version: int, recorded_at: float) -> RunState | None:
    """event: one of OF_TRASH that was not refused."""
    if state is None:
        return None
    if isinstance(event, RunPurged):
        return _purged(state, event.incarnation, version, recorded_at)
    if isinstance(event, RunUndeleted):
        trash = {number: entry for number, entry in state.trash.items() if number != state.incarnation}
        return replace(state, phase="live", trash=trash, version=version, props_version=version, updated_at=recorded_at)
    return _cleared(state, version, recorded_at)


def _purged(state: RunState, incarnation: int, version: int, at: float) -> RunState:
    """Of the incarnation that the state is about nothing is left but that it was there; another one stays as it is."""
    trash = purged(state.trash, incarnation, version, at)
    if incarnation != state.incarnation:
        return replace(state, trash=trash, version=version)
    emptied = new_run(state.run_id, incarnation, version, state.created_at, at)
    return replace(emptied, phase=state.phase, trash=trash)


def _cleared(state: RunState, version: int, at: float) -> RunState:
    """The trashed incarnation is kept as it is. Clearing what is no tombstone is no error: the call may be repeated."""
    if state.phase != "deleted":
        return replace(state, version=version)
    trash = without_tombstone(state.trash, state.incarnation, version, at)
    return replace(state, phase="cleared", trash=trash, version=version)
