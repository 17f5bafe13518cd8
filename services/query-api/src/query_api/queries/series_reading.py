"""Points of many series, thinned, in few reads of the columns."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from contracts.errors import ValidationFailed
from contracts.keys import context_key, data_key
from contracts.metric_points import Floats, Integers
from contracts.read_models import RunDocument, SeriesSummary
from contracts.rest.bounds import MAX_SERIES_ASKED
from contracts.trees import Tree
from query_api.queries.reads import Reads
from query_api.queries.thinning import thin_series
from stores.columns.port import SeriesPoints

_T = TypeVar("_T")

SERIES_PER_READ = 1_024
POINTS_PER_READ = 500_000
"""About 25 MB of columns."""
_FIRST_READ_SERIES = 64
_CONTEXTS_WORTH_NAMING = 64


StepRange = tuple[int | None, int | None]
"""Half open; None leaves a side open."""
EVERY_STEP: StepRange = (None, None)


class SeriesKey(NamedTuple):
    """context: `contracts.keys.context_key`."""

    name: str
    data_key: int
    context: int

    def named(self, name: str) -> "SeriesKey":
        return self._replace(name=name)


def check_series_asked(count: int) -> None:
    """Raises ValidationFailed for more than one request may name: to look each up takes the loop's time."""
    if count > MAX_SERIES_ASKED:
        raise ValidationFailed(f"A request may not name more than {MAX_SERIES_ASKED} series")


def series_key(run: RunDocument, name: str, context: Mapping[str, Tree]) -> SeriesKey:
    return SeriesKey(name, data_key(run.id, run.incarnation), context_key(context))


class WantedSeries(NamedTuple):
    """most: points shown at most, -1 for all. likely_points: how many are stored, as far as that can be told."""

    key: SeriesKey
    most: int
    likely_points: int


def likely_points(summary: SeriesSummary, steps: StepRange = EVERY_STEP) -> int:
    """At most so many where steps count from 0; more cannot be told without reading them."""
    start, stop = steps
    end = summary.last_step + 1
    return max(1, (end if stop is None else min(end, stop)) - (start or 0))


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


class Pager(Generic[_T]):
    """Gathers items whose series one read asks for. The first read is small, so that the first bytes leave early.

    What the items of one read ask for again costs nothing more.

    Measured with 500 points a series: 40 series 12 ms, 300 series 87 ms, 2,000 series 227 ms; large reads pay.
    """

    def __init__(self, series_of: Callable[[_T], Sequence[WantedSeries]]) -> None:
        self._series_of = series_of
        self._most_series = _FIRST_READ_SERIES
        self._items: list[_T] = []
        self._series: set[WantedSeries] = set()
        self._points = 0

    def add(self, item: _T) -> list[_T]:
        """What to read before the item, empty while there is room; an item too large for one read is read alone."""
        series = self._series_of(item)
        new = [one for one in series if one not in self._series]
        points = self._points + sum(one.likely_points for one in new)
        full = len(self._series) + len(new) > self._most_series or points > POINTS_PER_READ
        # What is asked for already fits, even into a read that one large item has filled.
        page = self.rest() if full and new else []
        self._items.append(item)
        self._series.update(series)
        self._points = sum(one.likely_points for one in series) if page else points
        return page

    @property
    def is_first(self) -> bool:
        """Nothing was read so far."""
        return self._most_series == _FIRST_READ_SERIES

    def rest(self) -> list[_T]:
        """What is left to read."""
        page, self._items = self._items, []
        self._series, self._points = set(), 0
        if page:
            self._most_series = min(4 * self._most_series, SERIES_PER_READ)
        return page


async def show_series(
    reads: Reads, series: Sequence[WantedSeries], axis: str | None = None, steps: StepRange = EVERY_STEP
) -> dict[SeriesKey, dict[int, ShownSeries]]:
    """By key and number of points; a series that holds no point in the range is absent.

    axis: name of the metric whose values, in the same context, replace steps.
    """
    shown: dict[SeriesKey, dict[int, ShownSeries]] = {}
    for part in in_reads(series):
        keys = {one.key for one in part}
        axes = {key.named(axis) for key in keys} if axis is not None else set()
        points = await read_series(reads, keys | axes, steps)
        # Tens of milliseconds of numpy for a large part: the loop serves others meanwhile.
        for one, found in zip(part, await asyncio.to_thread(_show, part, points, axis), strict=True):
            if found is not None:
                shown.setdefault(one.key, {})[one.most] = found
    return shown


def in_reads(series: Sequence[WantedSeries]) -> Iterator[list[WantedSeries]]:
    """What one read of the columns gives: nearly always all; a run of very many or very long series has more parts."""
    part: list[WantedSeries] = []
    points = 0
    for one in series:
        points += one.likely_points
        if part and (len(part) == SERIES_PER_READ or points > POINTS_PER_READ):
            yield part
            part, points = [], one.likely_points
        part.append(one)
    if part:
        yield part


async def read_series(
    reads: Reads, keys: Iterable[SeriesKey], steps: StepRange = EVERY_STEP
) -> dict[SeriesKey, SeriesPoints]:
    """The series that hold points in the range; what the columns give along with them is dropped."""
    series: dict[SeriesKey, SeriesPoints] = {}
    for wanted in _alike(set(keys)):
        contexts = sorted({key.context for key in wanted})
        found = await reads.columns.read_points(
            reads.names.points,
            sorted({key.name for key in wanted}),
            sorted({key.data_key for key in wanted}),
            contexts if len(contexts) <= _CONTEXTS_WORTH_NAMING else None,
            steps=steps,
        )
        keyed = ((SeriesKey(one.name, one.data_key, one.context), one) for one in found)
        series |= {key: one for key, one in keyed if key in wanted}
    return series


def _alike(keys: set[SeriesKey]) -> Iterator[set[SeriesKey]]:
    """Runs for one read each, nearly always all: it reads each name of each run, whoever is asked for it.

    So a read has at most half as many names more than are wanted: another run may have millions of points by one.
    """
    runs: dict[int, set[SeriesKey]] = {}
    for key in keys:
        runs.setdefault(key.data_key, set()).add(key)
    named = sorted(((sorted({key.name for key in run}), run) for run in runs.values()), key=itemgetter(0))
    group: list[set[SeriesKey]] = []
    names: set[str] = set()
    wanted = 0
    for more, run in named:
        if group and 2 * len(names.union(more)) * (len(group) + 1) > 3 * (wanted + len(more)):
            yield set().union(*group)
            group, names, wanted = [], set(), 0
        group.append(run)
        names.update(more)
        wanted += len(more)
    if group:
        yield set().union(*group)


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
