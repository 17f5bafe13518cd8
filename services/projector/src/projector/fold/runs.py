"""The fold of one run: whether an event applies, and what the run is afterwards."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from contracts.batch_memory import seen
from contracts.envelope import Header, Recorded
from contracts.errors import InvalidEvent
from contracts.events import (
    ArtifactAdded,
    Event,
    LogLinesAppended,
    LogRecordsAppended,
    MetricsTracked,
    ObjectsTracked,
    ParamsDeleted,
    ParamsSet,
    PointsTracked,
    RunArchived,
    RunCreated,
    RunDeleted,
    RunDescribed,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunRenamed,
    RunResumed,
    RunTagged,
    RunUnarchived,
    RunUntagged,
)
from contracts.events.artifacts import is_listed
from contracts.keys import path_key
from contracts.metric_points import unpack_columns
from contracts.position import Position
from contracts.read_models import SeriesSummary
from projector.fold import batches
from projector.fold.few_points import listed
from projector.fold.logs import number_lines, number_records
from projector.fold.objects import fold_objects
from projector.fold.outcome import NO_RUN, REPEATED, Applied, Ignored, Outcome
from projector.fold.params import Params, delete_subtree, merge_subtree, set_subtree
from projector.fold.run_state import RunState, SeriesKey, new_run
from projector.fold.series import fold_listed, fold_points
from projector.fold.trash import OF_TRASH, after_event_of_trash, refusal_in_trash
from projector.fold.trashed import Trashed

REMEMBERED_SESSIONS = 32
_FUTURE_SECONDS = 86_400.0

DELETED = Ignored("run deleted", "not_found")
NO_NOTE = Ignored("note not found", "not_found")


class _Moment(msgspec.Struct, frozen=True):
    """ingestion: whether the event is one of ingestion (`is_ingestion`)."""

    version: int
    recorded_at: float
    ingestion: bool

    def sane(self, at: float) -> float:
        """A client's time, or the record's if it is no time or more than a day ahead: clocks of clients err."""
        return at if math.isfinite(at) and at <= self.recorded_at + _FUTURE_SECONDS else self.recorded_at


def fold_run(state: RunState | None, recorded: Recorded, position: Position) -> tuple[RunState | None, Outcome]:
    """Pure, and the old state stays valid. A state is None for a run that no event has begun.

    Raises InvalidEvent for an event that is none of a run, or that holds what can never be applied.
    """
    header, event = recorded.header, recorded.event
    if type(event) not in HANDLED:
        raise InvalidEvent(f"{type(event).__name__} is no event of a run")
    moment = _Moment(position.version, header.recorded_at, is_ingestion(event))
    refusal = _refusal(state, header, event)
    if refusal is not None:
        return _refused(state, header, moment), refusal
    if isinstance(event, OF_TRASH):
        return after_event_of_trash(state, event, moment.version, moment.recorded_at), Applied(event)
    bulk = BULK.get(type(event))
    if bulk is not None:
        after, applied = bulk(_Opening(state, header, moment), event)
        return _remembered(after, header, moment), applied
    base = _begun(state, header, event, moment, getattr(event, "at", header.recorded_at))
    return _remembered(RULES[type(event)](base, event, moment), header, moment), Applied(event)


def is_ingestion(event: Event) -> bool:
    """Whether the event tells what a client logged: it begins an unknown run, and is dropped after a deletion."""
    return isinstance(event, _INGESTED) or getattr(event, "by", None) == "client"


def _refusal(state: RunState | None, header: Header, event: Event) -> Ignored | None:
    if isinstance(event, OF_TRASH):
        return refusal_in_trash(state, event)
    begins = is_ingestion(event)
    if state is None or state.phase == "cleared":
        return None if begins else NO_RUN
    if state.phase == "deleted":
        return DELETED if begins or isinstance(event, RunFinished) else NO_RUN
    if header.dedupe is not None and seen(state.batches, batches.check(header.dedupe)):
        return REPEATED
    if _session_start(event) in state.sessions:
        return REPEATED
    if isinstance(event, RunUntagged) and not begins and _without(state.tags, event) == state.tags:
        return REPEATED
    return _refused_note(state, event)


def _refused_note(state: RunState, event: Event) -> Ignored | None:
    if isinstance(event, RunNoteAdded) and event.note_id in state.notes:
        return REPEATED
    if isinstance(event, RunNoteEdited | RunNoteDeleted) and event.note_id not in state.notes:
        return NO_NOTE
    return None


def _begun(state: RunState | None, header: Header, event: Event, moment: _Moment, at: float) -> RunState:
    """The state that the event meets: a new incarnation if none lives, and active again if only silence ended the run.

    A new incarnation remembers no batch and no session of the one before. Clearing a tombstone says that the id is used
    again, and a loader that names its batches after its files must not see them dropped in silence; against that, a
    client would have to resend across a deletion and the clearing, and what it brings back is seen and can be deleted.
    """
    if state is None or state.phase == "cleared":
        incarnation = state.incarnation + 1 if state else 1
        begun = new_run(header.key, incarnation, moment.version, moment.sane(at), moment.recorded_at)
        trash = state.trash if state else {}
        return replace(begun, began_explicitly=isinstance(event, RunCreated | RunResumed), trash=trash)
    # Any sign of the client, data or not, shows that the run lives; what its client or a user ended stays ended.
    if not state.active and state.finish_reason == "stale" and is_ingestion(event):
        return _changed(state, moment, active=True, ended_at=None, finish_reason=None)
    return state


def _refused(state: RunState | None, header: Header, moment: _Moment) -> RunState | None:
    """A living run remembers that it met the event: repeated later, it must not find what it had not found before."""
    if state is None or state.phase == "live":
        return None if state is None else _remembered(state, header, moment)
    return replace(state, version=moment.version)


def _remembered(state: RunState, header: Header, moment: _Moment) -> RunState:
    if header.dedupe is None:
        return replace(state, version=moment.version)
    known = batches.remember(state.batches, batches.check(header.dedupe))
    return replace(state, version=moment.version, batches=known)


def _session_start(event: Event) -> float | None:
    if isinstance(event, RunCreated) or (isinstance(event, RunResumed) and event.by == "client"):
        return event.at if event.session is None else event.session
    return None


def _touched(state: RunState, moment: _Moment, **changes: Any) -> RunState:
    at = moment.recorded_at
    return replace(state, updated_at=at, ingested_at=at if moment.ingestion else state.ingested_at, **changes)


def _changed(state: RunState, moment: _Moment, **props: Any) -> RunState:
    return _touched(state, moment, props_version=moment.version, **props)


class _Opening(msgspec.Struct, frozen=True):
    """What the run is before an event whose time is known only when it was read."""

    state: RunState | None
    header: Header
    moment: _Moment

    def begun(self, event: Event, at: float) -> RunState:
        return _begun(self.state, self.header, event, self.moment, at)


def _track_points(opening: _Opening, event: MetricsTracked) -> tuple[RunState, Applied]:
    columns = unpack_columns(event.points, event.count)
    state = opening.begun(event, float(columns.times[0]))
    touched, accepted = fold_points(state.series, event.series, columns)
    return _with_series(state, opening.moment, touched), Applied(event, accepted)


def _list_points(opening: _Opening, event: PointsTracked) -> tuple[RunState, Applied]:
    state = opening.begun(event, event.points[0].time)
    touched, accepted = fold_listed(state.series, event.series, listed(event))
    return _with_series(state, opening.moment, touched), Applied(event, points=accepted)


def _with_series(state: RunState, moment: _Moment, touched: dict[SeriesKey, SeriesSummary]) -> RunState:
    series = {**state.series, **touched}
    return _touched(state, moment, series=series, series_version=moment.version)


def _track_objects(opening: _Opening, event: ObjectsTracked) -> tuple[RunState, Applied]:
    first = event.rows[0].time if event.rows else opening.moment.recorded_at
    state = opening.begun(event, first)
    touched, steps = fold_objects(state.objects, event.series, event.rows)
    after = _with_data(state, opening.moment, objects={**state.objects, **touched})
    return after, Applied(event, steps=steps)


def _append_lines(opening: _Opening, event: LogLinesAppended) -> tuple[RunState, Applied]:
    state = opening.begun(event, opening.moment.recorded_at)
    numbers = number_lines(event, state.line_offset)
    after = _with_data(state, opening.moment, lines_end=max(state.lines_end, max(numbers) + 1))
    return after, Applied(event, steps=numbers)


def _append_records(opening: _Opening, event: LogRecordsAppended) -> tuple[RunState, Applied]:
    first = event.records[0].timestamp if event.records else opening.moment.recorded_at
    state = opening.begun(event, first)
    numbers = number_records(event, state.records_end)
    after = _with_data(state, opening.moment, records_end=max(state.records_end, max(numbers) + 1))
    return after, Applied(event, steps=numbers)


def _with_data(state: RunState, moment: _Moment, **data: Any) -> RunState:
    return _touched(state, moment, data_version=moment.version, **data)


def _open(state: RunState, event: RunCreated | RunResumed, moment: _Moment) -> RunState:
    start = _session_start(event)
    sessions = state.sessions if start is None else (*state.sessions, start)[-REMEMBERED_SESSIONS:]
    created_at = state.created_at
    if isinstance(event, RunCreated) and not state.began_explicitly:
        created_at = moment.sane(event.at)
    return _changed(
        state,
        moment,
        active=True,
        ended_at=None,
        finish_reason=None,
        sessions=sessions,
        created_at=created_at,
        began_explicitly=state.began_explicitly or isinstance(event, RunCreated),
        line_offset=_line_offset(state, event),
    )


def _line_offset(state: RunState, event: RunCreated | RunResumed) -> int:
    """A client that resumes a run counts its lines from 0 again, and they go on behind those that are there; a client
    that creates it anew writes over them. What a user does starts no session."""
    if isinstance(event, RunCreated):
        return 0
    return state.lines_end if event.by == "client" else state.line_offset


def _finish(state: RunState, event: RunFinished, moment: _Moment) -> RunState:
    """The first end stays. A client's or user's word outweighs a guess: its time counts, and late data reopens nothing.

    No run ends before it began: its client's clock may be ahead of ours, by which a guess goes.
    """
    guessed = state.finish_reason == "stale" and event.reason != "stale"
    if not (state.active or guessed):
        return state
    ended_at = max(moment.sane(event.at), state.created_at)
    return _changed(state, moment, active=False, ended_at=ended_at, finish_reason=event.reason)


def _rename(state: RunState, event: RunRenamed, moment: _Moment) -> RunState:
    return _changed(state, moment, name=event.name)


def _describe(state: RunState, event: RunDescribed, moment: _Moment) -> RunState:
    return _changed(state, moment, description=event.description)


def _move(state: RunState, event: RunMovedToExperiment, moment: _Moment) -> RunState:
    return _changed(state, moment, experiment_id=event.experiment_id)


def _archive(state: RunState, event: RunArchived | RunUnarchived, moment: _Moment) -> RunState:
    return _changed(state, moment, archived=isinstance(event, RunArchived))


def _delete(state: RunState, event: RunDeleted, moment: _Moment) -> RunState:
    trashed = Trashed(moment.version, state.name, moment.recorded_at)
    return _changed(state, moment, phase="deleted", trash={**state.trash, state.incarnation: trashed})


def _set_params(state: RunState, event: ParamsSet, moment: _Moment) -> RunState:
    change = merge_subtree if event.merge else set_subtree
    return _with_params(state, moment, change(state.params, event.path, event.value))


def _delete_params(state: RunState, event: ParamsDeleted, moment: _Moment) -> RunState:
    params = delete_subtree(state.params, event.path)
    return state if params is state.params else _with_params(state, moment, params)


def _with_params(state: RunState, moment: _Moment, params: Params) -> RunState:
    return _touched(state, moment, params=params, params_version=moment.version)


def _tag(state: RunState, event: RunTagged, moment: _Moment) -> RunState:
    if any(tag_id == event.tag_id for tag_id, _ in state.tags):
        return state
    return _changed(state, moment, tags=(*state.tags, (event.tag_id, event.name)))


def _untag(state: RunState, event: RunUntagged, moment: _Moment) -> RunState:
    kept = _without(state.tags, event)
    return state if kept == state.tags else _changed(state, moment, tags=kept)


def _without(tags: tuple[tuple[str, str], ...], event: RunUntagged) -> tuple[tuple[str, str], ...]:
    return tuple(tag for tag in tags if tag[0] not in event.tag_ids and tag[1] != event.name)


def _add_artifact(state: RunState, event: ArtifactAdded, moment: _Moment) -> RunState:
    """Artifacts are rows of their own; which of those that readers list came first is remembered here."""
    key = path_key(event.path)
    if not is_listed(event.path) or key in state.artifacts:
        return _with_data(state, moment)
    return _with_data(state, moment, artifacts={**state.artifacts, key: moment.version})


def _add_note(state: RunState, event: RunNoteAdded, moment: _Moment) -> RunState:
    """Notes are rows of their own; which ones there are, and since when, is remembered here."""
    return replace(state, notes={**state.notes, event.note_id: moment.sane(event.at)})


def _edit_note(state: RunState, event: RunNoteEdited, moment: _Moment) -> RunState:
    return state


def _delete_note(state: RunState, event: RunNoteDeleted, moment: _Moment) -> RunState:
    return replace(state, notes={note: at for note, at in state.notes.items() if note != event.note_id})


RULES: dict[type[Event], Callable[[RunState, Any, _Moment], RunState]] = {
    RunCreated: _open,
    RunResumed: _open,
    RunFinished: _finish,
    RunRenamed: _rename,
    RunDescribed: _describe,
    RunMovedToExperiment: _move,
    RunArchived: _archive,
    RunUnarchived: _archive,
    RunDeleted: _delete,
    ParamsSet: _set_params,
    ParamsDeleted: _delete_params,
    RunTagged: _tag,
    RunUntagged: _untag,
    ArtifactAdded: _add_artifact,
    RunNoteAdded: _add_note,
    RunNoteEdited: _edit_note,
    RunNoteDeleted: _delete_note,
}
"""What an event does to the run that it applies to."""

BULK: dict[type[Event], Callable[[_Opening, Any], tuple[RunState, Applied]]] = {
    MetricsTracked: _track_points,
    PointsTracked: _list_points,
    ObjectsTracked: _track_objects,
    LogLinesAppended: _append_lines,
    LogRecordsAppended: _append_records,
}
"""As RULES, of events that carry rows: they give more than a state, and say themselves when they were logged."""

HANDLED: frozenset[type[Event]] = frozenset({*RULES, *BULK, *OF_TRASH})
"""Every event that `fold_run` takes."""

_INGESTED: tuple[type[Event], ...] = (RunCreated, ParamsSet, ParamsDeleted, ArtifactAdded, *BULK)
