"""View `points`: one row for each step of each series, the last write of the event."""

import numpy as np

from contracts.events import MetricsTracked
from contracts.keys import context_key, data_key
from contracts.metric_points import MetricColumns
from contracts.position import Position
from contracts.read_models.points import PointRows
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState


def rows_for(applied: Applied, state: RunState, position: Position) -> PointRows | None:
    """Rows ordered by entry of the event's table, then step; None for an event without points.

    state: after the event. Of points of one series at one step the one logged last is kept: all rows of an event have
    one version, so the store could not choose.
    """
    event, columns = applied.event, applied.columns
    if not isinstance(event, MetricsTracked) or columns is None:
        return None
    if len(event.series) > 1 or not (columns.steps[1:] > columns.steps[:-1]).all():
        columns = _last_at_each_step(columns)
    series = columns.series
    contexts = np.array([context_key(one.context) for one in event.series], np.uint64)
    names = [one.name for one in event.series]
    return PointRows(
        names=[names[entry] for entry in series.tolist()],
        data_keys=np.full(len(columns), data_key(state.run_id, state.incarnation), np.uint64),
        contexts=contexts[series],
        steps=columns.steps,
        values=columns.values,
        epochs=columns.epochs,
        times=columns.times,
        versions=np.full(len(columns), position.version, np.int64),
    )


def _last_at_each_step(columns: MetricColumns) -> MetricColumns:
    order = np.lexsort((columns.steps, columns.series))  # stable: equal steps stay in the order logged
    series, steps = columns.series[order], columns.steps[order]
    order = order[np.append((series[1:] != series[:-1]) | (steps[1:] != steps[:-1]), True)]
    return MetricColumns(
        columns.series[order], columns.steps[order], columns.values[order], columns.epochs[order], columns.times[order]
    )
