"""Points of many series, thinned, in few reads of the columns."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from contracts.keys import context_key, data_key
from contracts.metric_points import Floats, Integers
from contracts.read_models import RunDocument, SeriesSummary
from contracts.trees import Tree
from query_api.queries.reads import Reads
from query_api.queries.thinning import thin_series
from stores.columns.port import SeriesPoints

_T = TypeVar("_T")

SERIES_PER_READ = 300
POINTS_PER_READ = 2_000_000
"""About 80 MB of columns."""
_CONTEXTS_WORTH_NAMING = 64


class SeriesKey(NamedTuple):
    """context: `contracts.keys.context_key`."""

    name: str
    data_key: int
    context: int

    def named(self, name: str) -> "SeriesKey":
        return self._replace(name=name)


def series_key(run: RunDocument, name: str, context: Mapping[str, Tree]) -> SeriesKey:
    return SeriesKey(name, data_key(run.id, run.incarnation), context_key(context))


class WantedSeries(NamedTuple):
    """most: points shown at most, -1 for all. likely_points: how many are stored, as far as that can be told."""

    key: SeriesKey
    most: int
    likely_points: int


def likely_points(summary: SeriesSummary) -> int:
    """At most so many where steps count from 0; more cannot be told without reading them."""
    return max(1, summary.last_step + 1)


@dataclass(frozen=True, slots=True)
class ShownSeries:
    """The points that are shown, of one shape (n,), steps rising. axis: None where no step has a value on the axis."""

    steps: Integers
    values: Floats
    epochs: Floats
    times: Floats
    axis: "AxisPoints | None"


@dataclass(frozen=True, slots=True)
class AxisPoints:
    """Values of the axis metric at those shown steps at which it has one. Both of shape (n,)."""

    steps: Integers
    values: Floats


def one_read_each(items: Iterable[_T], series_of: Callable[[_T], Sequence[WantedSeries]]) -> Iterator[list[_T]]:
    """Groups in order whose series one read may ask for; an item that is too large for one read is alone."""
    group: list[_T] = []
    count = points = 0
    for item in items:
        series = series_of(item)
        more = sum(one.likely_points for one in series)
        if group and (count + len(series) > SERIES_PER_READ or points + more > POINTS_PER_READ):
            yield group
            group, count, points = [], 0, 0
        group.append(item)
        count += len(series)
        points += more
    if group:
        yield group


async def show_series(
    reads: Reads, series: Sequence[WantedSeries], axis: str | None = None
) -> dict[SeriesKey, dict[int, ShownSeries]]:
    """By key and number of points; a series that holds no point is absent.

    axis: name of the metric whose values, in the same context, replace steps.
    """
    shown: dict[SeriesKey, dict[int, ShownSeries]] = {}
    for part in one_read_each(series, lambda one: (one,)):
        keys = {one.key for one in part}
        axes = {key.named(axis) for key in keys} if axis is not None else set()
        points = await read_series(reads, keys | axes)
        # Tens of milliseconds of numpy for a large part: the loop serves others meanwhile.
        for one, found in zip(part, await asyncio.to_thread(_show, part, points, axis), strict=True):
            if found is not None:
                shown.setdefault(one.key, {})[one.most] = found
    return shown


async def read_series(reads: Reads, keys: Iterable[SeriesKey]) -> dict[SeriesKey, SeriesPoints]:
    """The series that hold points, whole; what the columns give along with them is dropped."""
    wanted = set(keys)
    if not wanted:
        return {}
    contexts = sorted({key.context for key in wanted})
    found = await reads.columns.read_points(
        reads.names.points,
        sorted({key.name for key in wanted}),
        sorted({key.data_key for key in wanted}),
        contexts if len(contexts) <= _CONTEXTS_WORTH_NAMING else None,
    )
    series = {SeriesKey(one.name, one.data_key, one.context): one for one in found}
    return {key: one for key, one in series.items() if key in wanted}


def _show(
    part: Sequence[WantedSeries], points: Mapping[SeriesKey, SeriesPoints], axis: str | None
) -> list[ShownSeries | None]:
    shown: list[ShownSeries | None] = [None] * len(part)
    by_most: dict[int, list[int]] = {}
    for index, one in enumerate(part):
        if one.key in points:
            by_most.setdefault(one.most, []).append(index)
    for most, indices in by_most.items():
        chosen = thin_series([points[part[index].key].values for index in indices], most)
        for index, kept in zip(indices, chosen, strict=True):
            key = part[index].key
            along = None if axis is None else points.get(key.named(axis))
            shown[index] = _shown(points[key], kept, along)
    return shown


def _shown(series: SeriesPoints, kept: Integers, axis: SeriesPoints | None) -> ShownSeries:
    steps = series.steps[kept]
    return ShownSeries(
        steps,
        series.values[kept],
        series.epochs[kept],
        series.times[kept],
        None if axis is None else _along(steps, axis),
    )


def _along(steps: Integers, axis: SeriesPoints) -> AxisPoints | None:
    places = np.minimum(np.searchsorted(axis.steps, steps), len(axis.steps) - 1)
    common = axis.steps[places] == steps
    return AxisPoints(steps[common], axis.values[places[common]]) if common.any() else None
