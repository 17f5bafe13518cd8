"""View `points`: one row for each step of each series, the last write of the event."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from contracts.events import MetricsTracked, PointsTracked
from contracts.keys import context_key, data_key
from contracts.metric_points import MetricColumns
from contracts.position import Position
from contracts.read_models.points import PointRows
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState

_NAN = float("nan")


class PointRow(NamedTuple):
    """One row of `PointRows`."""

    name: str
    data_key: int
    context: int
    step: int
    value: float
    epoch: float
    time: float
    version: int


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


def listed_rows(applied: Applied, state: RunState, position: Position) -> list[PointRow]:
    """As `rows_for`, of an event that lists its points: arrays for each of them would cost more than all the rest."""
    event, points = applied.event, applied.points
    if not isinstance(event, PointsTracked) or points is None:
        return []
    key, version = data_key(state.run_id, state.incarnation), position.version
    contexts = [context_key(one.context) for one in event.series]
    rows = {
        (entry, step): PointRow(
            event.series[entry].name, key, contexts[entry], step, value, _NAN if epoch is None else epoch, time, version
        )
        for entry, step, value, epoch, time in zip(*points, strict=True)
    }
    return [rows[place] for place in sorted(rows)]


def gathered(rows: Sequence[PointRow]) -> Iterable[PointRows]:
    """One table of all rows, in order; nothing of none."""
    if rows:
        names, data_keys, contexts, steps, values, epochs, times, versions = zip(*rows, strict=True)
        yield PointRows(
            names=list(names),
            data_keys=np.array(data_keys, np.uint64),
            contexts=np.array(contexts, np.uint64),
            steps=np.array(steps, np.int64),
            values=np.array(values, np.float64),
            epochs=np.array(epochs, np.float64),
            times=np.array(times, np.float64),
            versions=np.array(versions, np.int64),
        )


def _last_at_each_step(columns: MetricColumns) -> MetricColumns:
    order = np.lexsort((columns.steps, columns.series))  # stable: equal steps stay in the order logged
    series, steps = columns.series[order], columns.steps[order]
    order = order[np.append((series[1:] != series[:-1]) | (steps[1:] != steps[:-1]), True)]
    return MetricColumns(
        columns.series[order], columns.steps[order], columns.values[order], columns.epochs[order], columns.times[order]
    )
