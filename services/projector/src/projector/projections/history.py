"""View `history`: what happened to each event that is not bulk data, and to every event that was not applied."""

from contracts.envelope import Recorded
from contracts.errors import InvalidEvent
from contracts.events import (
    ArtifactAdded,
    Event,
    LogLinesAppended,
    LogRecordsAppended,
    MetricsTracked,
    ObjectsTracked,
    PointsTracked,
)
from contracts.events.artifacts import is_listed
from contracts.position import Position
from contracts.read_models import HistoryEntry
from contracts.read_models.history import CLAIMED
from contracts.read_models.history import Outcome as Result
from projector.fold.outcome import Applied, Ignored, Outcome


def entry_for(recorded: Recorded, position: Position, outcome: Outcome | InvalidEvent) -> HistoryEntry | None:
    """None for accepted bulk data: there are as many of those events as of all others together, a hundred times.

    An invalid event that could be read has its entry too, so that a caller who waits for it need not wait in vain.
    """
    if isinstance(outcome, Applied) and is_bulk(recorded.event):
        return None
    result, reason, code, entity_id = _described(outcome)
    header = recorded.header
    return HistoryEntry(
        id=header.id,
        version=position.version,
        topic=position.topic,
        partition=position.partition,
        offset=position.offset,
        key=header.key,
        type=type(recorded.event).__name__,
        recorded_at=header.recorded_at,
        actor=header.actor or CLAIMED,
        request_id=header.request_id,
        outcome=result,
        reason=reason,
        code=code,
        entity_id=entity_id,
    )


def is_bulk(event: Event) -> bool:
    """Whether the event is of the stream of data: points, objects with the files that they are in, logs."""
    if isinstance(event, ArtifactAdded):
        return not is_listed(event.path)
    return isinstance(event, MetricsTracked | PointsTracked | ObjectsTracked | LogLinesAppended | LogRecordsAppended)


def _described(outcome: Outcome | InvalidEvent) -> tuple[Result, str | None, str | None, str | None]:
    if isinstance(outcome, Ignored):
        return "ignored", outcome.reason, outcome.code, outcome.entity_id
    if isinstance(outcome, InvalidEvent):
        return "invalid", outcome.message, "bad_request", None
    return "applied", None, None, None
