"""Row 22: series along the values of another metric instead of their steps."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.read_models import RunDocument, SeriesSummary
from contracts.rest.run_reads import AlignedRun, AlignedTrace, AlignRequest
from query_api.queries.asked_series import AskedSeries
from query_api.queries.reads import Reads
from query_api.queries.series_reading import (
    AxisPoints,
    Pager,
    SeriesKey,
    WantedSeries,
    check_series_asked,
    likely_points,
    series_key,
    show_series,
)
from query_api.queries.thinning import check_points

_RUNS_PER_READ = 200


@dataclass(frozen=True, slots=True)
class FoundAxis:
    """axis: None where the run, the series or the axis metric is missing."""

    name: str
    context: dict[str, Any]
    axis: AxisPoints | None


@dataclass(frozen=True, slots=True)
class FoundAxes:
    """One requested run with an entry for each requested series, in order of the request."""

    run_id: str
    entries: list[FoundAxis]


@dataclass(frozen=True, slots=True)
class _Asked:
    """wanted: one for each trace, None where the run or the series is missing."""

    request: AlignedRun
    wanted: list[WantedSeries | None]

    @property
    def present(self) -> list[WantedSeries]:
        return [one for one in self.wanted if one is not None]


def check_alignment(request: AlignRequest) -> None:
    """Raises BadRequest for a number of points that is none, ValidationFailed for too many series."""
    check_series_asked(sum(1 + len(run.traces) for run in request.runs))
    for run in request.runs:
        for trace in run.traces:
            check_points(trace.slice[2])


async def align(reads: Reads, request: AlignRequest) -> AsyncGenerator[list[FoundAxes], None]:
    """Every requested run and series, in the order of the request: the pages join answers by position.

    The request must have passed `check_alignment`.
    """
    pager = Pager[_Asked](lambda one: one.present)
    for start in range(0, len(request.runs), _RUNS_PER_READ):
        part = request.runs[start : start + _RUNS_PER_READ]
        documents = await reads.runs.many([run.run_id for run in part])
        for run in part:
            page = pager.add(_asked(run, documents.get(run.run_id)))
            if page:
                yield await _read(reads, page, request.align_by)
    rest = pager.rest()
    if rest:
        yield await _read(reads, rest, request.align_by)


def _asked(request: AlignedRun, run: RunDocument | None) -> _Asked:
    if run is None:
        return _Asked(request, [None] * len(request.traces))
    known = AskedSeries(run.summaries())
    return _Asked(request, [_wanted(run, trace, known) for trace in request.traces])


def _wanted(run: RunDocument, trace: AlignedTrace, known: AskedSeries[SeriesSummary]) -> WantedSeries | None:
    found = known.find(trace.name, trace.context)
    if found is None:
        return None
    return WantedSeries(series_key(run, found.name, found.context), trace.slice[2], likely_points(found))


async def _read(reads: Reads, page: Sequence[_Asked], align_by: str) -> list[FoundAxes]:
    unique: dict[tuple[SeriesKey, int], WantedSeries] = {
        (one.key, one.most): one for asked in page for one in asked.present
    }
    shown = await show_series(reads, list(unique.values()), align_by)
    found = []
    for asked in page:
        entries = []
        for trace, wanted in zip(asked.request.traces, asked.wanted, strict=True):
            series = None if wanted is None else shown.get(wanted.key, {}).get(wanted.most)
            entries.append(FoundAxis(trace.name, trace.context, None if series is None else series.axis))
        found.append(FoundAxes(asked.request.run_id, entries))
    return found
