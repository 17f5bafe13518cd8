"""View `log_lines`: one row for each line of the terminal; of a line that was redrawn the last."""

from contracts.events import LogLinesAppended
from contracts.position import Position
from contracts.read_models.logs import LogRows, pack_line
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState
from projector.projections.log_rows import log_rows


def rows_for(applied: Applied, state: RunState, position: Position) -> LogRows | None:
    """None for an event without lines. state: after the event."""
    event = applied.event
    if not isinstance(event, LogLinesAppended):
        return None
    last = dict(zip(applied.steps, event.lines, strict=True))
    return log_rows({number: pack_line(line.text) for number, line in last.items()}, state, position)
