"""Metric points of one event against what is known of each series: steps that clients left out, and summaries.

Whole columns at a time: an event may bring one point for each of a thousand series, or thousands for one. Points are
sorted by series, order of logging kept; a *segment* is the run of one series in the sorted columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.errors import InvalidEvent
from contracts.events import Series
from contracts.metric_points import NEXT_STEP, Floats, Integers, MetricColumns
from contracts.read_models import SeriesSummary
from projector.fold.few_points import FEW, ListedPoints, Touched, fold_few
from projector.fold.run_state import SeriesKey, series_key

_LOWEST = np.iinfo(np.int64).min
_BEYOND_INTEGERS = float(1 << 63)

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Segments:
    """starts: first point of each segment, shape (s,). of: segment of each point, shape (n,)."""

    starts: Integers
    of: Integers


def fold_points(
    known: Mapping[SeriesKey, SeriesSummary], table: Sequence[Series], columns: MetricColumns
) -> tuple[dict[SeriesKey, SeriesSummary], MetricColumns]:
    """What is known of the touched series afterwards, and the columns as `Applied.columns` describes them.

    Raises InvalidEvent if a point names no series of the table, or a step beyond 64 bits would be needed.
    """
    fold = fold_columns_of_few if len(columns) <= FEW else fold_many
    touched, accepted = fold(known, table, columns)
    return _summaries_after(touched), accepted


def fold_listed(
    known: Mapping[SeriesKey, SeriesSummary], table: Sequence[Series], points: ListedPoints
) -> tuple[dict[SeriesKey, SeriesSummary], ListedPoints]:
    """As `fold_points`."""
    touched, entries, steps = fold_few(known, table, points.series, points.steps, points.values)
    return _summaries_after(touched), points._replace(series=entries, steps=steps)


def fold_columns_of_few(
    known: Mapping[SeriesKey, SeriesSummary], table: Sequence[Series], columns: MetricColumns
) -> tuple[Touched, MetricColumns]:
    """As `fold_many`, and says the same."""
    touched, entries, steps = fold_few(
        known, table, columns.series.tolist(), columns.steps.tolist(), columns.values.tolist()
    )
    accepted = MetricColumns(
        np.array(entries, np.int64), np.array(steps, np.int64), columns.values, columns.epochs, columns.times
    )
    return touched, accepted


def fold_many(
    known: Mapping[SeriesKey, SeriesSummary], table: Sequence[Series], columns: MetricColumns
) -> tuple[Touched, MetricColumns]:
    """As `fold_points`, but of each touched series what was known, and what the event alone says."""
    if columns.series.min() < 0 or columns.series.max() >= len(table):
        raise InvalidEvent("a point belongs to no series of the event's table")
    keys = [series_key(series) for series in table]
    first_entry: dict[SeriesKey, int] = {}
    same = np.array([first_entry.setdefault(key, i) for i, key in enumerate(keys)], np.int64)[columns.series]

    order = np.argsort(same, kind="stable")
    touched = same[order]
    starts = np.flatnonzero(np.concatenate(([True], touched[1:] != touched[:-1])))
    segments = _Segments(starts, np.repeat(np.arange(len(starts)), np.diff(starts, append=len(touched))))
    entries = touched[starts].tolist()
    before = [known.get(keys[entry]) for entry in entries]

    sorted_steps = _resolve(columns.steps[order], segments, before)
    steps = np.empty_like(sorted_steps)
    steps[order] = sorted_steps
    logged_as_int = np.array([series.dtype == "int" for series in table])[columns.series]
    summaries = _summaries(
        [table[entry] for entry in entries], segments, sorted_steps, columns.values[order], logged_as_int[order]
    )
    accepted = MetricColumns(same, steps, columns.values, columns.epochs, columns.times)
    touched_keys = [keys[entry] for entry in entries]
    return dict(zip(touched_keys, zip(before, summaries, strict=True), strict=True)), accepted


def _resolve(steps: Integers, segments: _Segments, before: Sequence[SeriesSummary | None]) -> Integers:
    """Each NEXT_STEP becomes the highest step of its series so far plus one, 0 if there is none.

    The highest step grows by one with each step left out. Less their count it is a running maximum of the given
    steps (each less the count up to it), and a running maximum by segment is one over ranks that rise from segment
    to segment.
    """
    left_out = steps == NEXT_STEP
    if not left_out.any():
        return steps
    total = np.cumsum(left_out, dtype=np.int64)
    count = total - (total - left_out)[segments.starts][segments.of]
    # The lowest steps of all are taken as a little higher here, since the difference must not wrap around.
    given = np.where(left_out, _LOWEST, np.maximum(steps, _LOWEST + len(steps)) - count)
    values, ranks = np.unique(given, return_inverse=True)
    offsets = segments.of * len(values)
    running = values[np.maximum.accumulate(ranks.reshape(-1) + offsets) - offsets]
    begin = [
        summary.last_step if summary else -1 if first else _LOWEST
        for summary, first in zip(before, left_out[segments.starts].tolist(), strict=True)
    ]
    level = np.maximum(running, np.array(begin, np.int64)[segments.of])
    resolved = level + count
    if (resolved < level)[left_out].any():
        raise InvalidEvent("no step follows the highest one of a series")
    return np.where(left_out, resolved, steps)


def _summaries(
    series: Sequence[Series],
    segments: _Segments,
    steps: Integers,
    values: Floats,
    logged_as_int: Flags,
) -> list[SeriesSummary]:
    starts = segments.starts
    highest = np.maximum.reduceat(steps, starts)
    at_highest = np.flatnonzero(steps == highest[segments.of])
    first_at_highest = at_highest[np.searchsorted(at_highest, starts)]
    with np.errstate(invalid="ignore"):  # NaN is expected, some builds of numpy report it
        lowest_value = np.fmin.reduceat(values, starts)
        highest_value = np.fmax.reduceat(values, starts)
        # A series is of integers only while all its values are, whatever the client called them: NaN is none.
        integral = logged_as_int & (np.abs(values) < _BEYOND_INTEGERS) & (values == np.floor(values))
    dtypes = np.where(
        np.logical_and.reduceat(integral, starts),
        "int",
        np.where(np.logical_or.reduceat(integral, starts), "number", "float"),
    )
    return list(
        map(
            SeriesSummary,
            [entry.name for entry in series],
            [entry.context for entry in series],
            dtypes.tolist(),
            steps[starts].tolist(),
            values[starts].tolist(),
            highest.tolist(),
            values[first_at_highest].tolist(),
            map(_number, lowest_value.tolist()),
            map(_number, highest_value.tolist()),
        )
    )


def _summaries_after(touched: Touched) -> dict[SeriesKey, SeriesSummary]:
    return {key: _merged(before, new) for key, (before, new) in touched.items()}


def _merged(old: SeriesSummary | None, new: SeriesSummary) -> SeriesSummary:
    if old is None:
        return new
    newest = new if new.last_step > old.last_step else old
    return SeriesSummary(
        old.name,
        old.context,
        old.dtype if old.dtype == new.dtype else "number",
        old.first_step,
        old.first,
        newest.last_step,
        newest.last,
        old.min if new.min is None else new.min if old.min is None else min(old.min, new.min),
        old.max if new.max is None else new.max if old.max is None else max(old.max, new.max),
    )


def _number(value: float) -> float | None:
    """None for NaN: a series of nothing else has no least and no greatest value."""
    return value if value == value else None
