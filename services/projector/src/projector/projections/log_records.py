"""View `log_records`: one row for each record of the run's loggers."""

from contracts.events import LogRecordsAppended
from contracts.position import Position
from contracts.read_models.logs import LogRows, pack_record
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState
from projector.projections.log_rows import log_rows


def rows_for(applied: Applied, state: RunState, position: Position) -> LogRows | None:
    """None for an event without records. state: after the event."""
    event = applied.event
    if not isinstance(event, LogRecordsAppended):
        return None
    last = dict(zip(applied.steps, event.records, strict=True))
    return log_rows({number: pack_record(record) for number, record in last.items()}, state, position)
