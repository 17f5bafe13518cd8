"""Everything about one run that rules need and views show; it is changed by the fold alone."""

from typing import Any, Literal

import msgspec

from contracts.batch_memory import BatchMemory
from contracts.errors import InvalidEvent
from contracts.events import Series
from contracts.events.runs import FinishReason
from contracts.keys import context_key
from contracts.read_models import ObjectSummary, SeriesSummary
from contracts.trees import pack, unpack
from projector.fold.trashed import Trash

Phase = Literal["live", "deleted", "cleared"]
"""deleted: hidden, what clients send is dropped. cleared: still hidden, but the next ingestion event begins anew."""

SeriesKey = tuple[str, int]
"""Name and `contracts.keys.context_key`."""

ObjectKey = tuple[str, str, int]
"""Kind, name and `contracts.keys.context_key`."""


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """The current incarnation of a run. Never changed in place, its dicts and trees neither. Times are seconds UTC.

    version: of the run's last event, whatever its outcome. props_version, params_version, series_version: of the last
    event that changed these; all three begin with the event that began the incarnation. data_version: of the last
    event that brought objects, logs or artifacts, 0 for none. updated_at: when the last event that changed anything was
    recorded. ingested_at: the same of what its client logged; None in states of an older build until the client logs
    again. ended_at: None if and only if `active`.
    tags: (id, name) as attached. sessions: the last client session starts seen. batches: oldest first.
    lines_end, records_end: highest number of a log line and of a log record, plus one. line_offset: what the client's
    session adds to the numbers of its lines. artifacts: `contracts.keys.path_key` of those that are listed, to the
    version of the event that first named them. notes: ids to creation times. trash: of all incarnations, those before
    this one included.
    """

    run_id: str
    version: int
    incarnation: int
    phase: Phase
    began_explicitly: bool
    name: str
    description: str | None
    experiment_id: str | None
    tags: tuple[tuple[str, str], ...]
    archived: bool
    active: bool
    finish_reason: FinishReason | None
    created_at: float
    ended_at: float | None
    updated_at: float
    params: dict[str | int, Any]
    series: dict[SeriesKey, SeriesSummary]
    sessions: tuple[float, ...]
    batches: BatchMemory
    props_version: int
    params_version: int
    series_version: int
    data_version: int = 0
    objects: dict[ObjectKey, ObjectSummary] = {}
    lines_end: int = 0
    line_offset: int = 0
    records_end: int = 0
    artifacts: dict[int, int] = {}
    notes: dict[str, float] = {}
    trash: Trash = {}
    ingested_at: float | None = None


def new_run(run_id: str, incarnation: int, version: int, created_at: float, recorded_at: float) -> RunState:
    """An empty incarnation, as the event of this version begins it."""
    return RunState(
        run_id=run_id,
        version=version,
        incarnation=incarnation,
        phase="live",
        began_explicitly=False,
        name=f"Run: {run_id}",
        description=None,
        experiment_id=None,
        tags=(),
        archived=False,
        active=True,
        finish_reason=None,
        created_at=created_at,
        ended_at=None,
        updated_at=recorded_at,
        params={},
        series={},
        sessions=(),
        batches={},
        props_version=version,
        params_version=version,
        series_version=version,
        ingested_at=recorded_at,
    )


def series_key(series: Series) -> SeriesKey:
    """Raises InvalidEvent for a context that has no canonical text (text and integer keys side by side)."""
    try:
        return series.name, context_key(series.context)
    except (TypeError, ValueError) as error:
        raise InvalidEvent(f"series {series.name!r} has a context without identity: {error}") from error


def pack_state(state: RunState) -> bytes:
    """MessagePack; the same state gives the same bytes."""
    return pack(state)


def unpack_state(data: bytes) -> RunState:
    """The inverse of `pack_state`. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return unpack(data, RunState)
