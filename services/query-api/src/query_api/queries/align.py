"""Row 22: series along the values of another metric instead of their steps."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import NamedTuple

from contracts.read_models import RunDocument, SeriesSummary
from contracts.rest.run_reads import AlignedRun, AlignedTrace, AlignRequest
from query_api.queries.asked_series import AskedSeries
from query_api.queries.reads import Reads
from query_api.queries.series_reading import (
    AxisPoints,
    Pager,
    WantedSeries,
    check_series_asked,
    likely_points,
    series_key,
    show_series,
)
from query_api.queries.thinning import check_points

_RUNS_PER_READ = 200


class FoundAxis(NamedTuple):
    """A requested series at its place among those of its run; None at 0 for a run of which no series is requested.

    axis: None where the run, the series or the axis metric is missing.
    """

    run_id: str
    place: int
    trace: AlignedTrace | None
    axis: AxisPoints | None


class _Asked(NamedTuple):
    """wanted: None where the run or the series is missing."""

    run_id: str
    place: int
    trace: AlignedTrace | None
    wanted: WantedSeries | None


def check_alignment(request: AlignRequest) -> None:
    """Raises BadRequest for a number of points that is none, ValidationFailed for too many series."""
    check_series_asked(sum(1 + len(run.traces) for run in request.runs))
    for run in request.runs:
        for trace in run.traces:
            check_points(trace.slice[2])


async def align(reads: Reads, request: AlignRequest) -> AsyncGenerator[list[FoundAxis], None]:
    """Every requested run and series, in the order of the request: the pages join answers by position.

    A part for each read of the columns, however the series are spread over runs. The request must have passed
    `check_alignment`.
    """
    pager = Pager[_Asked](lambda one: [] if one.wanted is None else [one.wanted])
    for start in range(0, len(request.runs), _RUNS_PER_READ):
        part = request.runs[start : start + _RUNS_PER_READ]
        documents = await reads.runs.many([run.run_id for run in part])
        for run in part:
            for asked in _asked(run, documents.get(run.run_id)):
                page = pager.add(asked)
                if page:
                    yield await _read(reads, page, request.align_by)
    rest = pager.rest()
    if rest:
        yield await _read(reads, rest, request.align_by)


def _asked(request: AlignedRun, run: RunDocument | None) -> Iterator[_Asked]:
    if not request.traces:
        yield _Asked(request.run_id, 0, None, None)
    known = AskedSeries(() if run is None else run.summaries())
    for index, trace in enumerate(request.traces):
        wanted = None if run is None else _wanted(run, trace, known)
        yield _Asked(request.run_id, index, trace, wanted)


def _wanted(run: RunDocument, trace: AlignedTrace, known: AskedSeries[SeriesSummary]) -> WantedSeries | None:
    found = known.find(trace.name, trace.context)
    if found is None:
        return None
    return WantedSeries(series_key(run, found.name, found.context), trace.slice[2], likely_points(found))


async def _read(reads: Reads, page: Sequence[_Asked], align_by: str) -> list[FoundAxis]:
    unique = {(one.wanted.key, one.wanted.most): one.wanted for one in page if one.wanted is not None}
    shown = await show_series(reads, list(unique.values()), align_by)
    found = []
    for one in page:
        series = None if one.wanted is None else shown.get(one.wanted.key, {}).get(one.wanted.most)
        found.append(FoundAxis(one.run_id, one.place, one.trace, None if series is None else series.axis))
    return found
