"""Row 23: points of some series of one run."""

from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from contracts.read_models import SeriesSummary
from contracts.rest.run_reads import SeriesName
from query_api.queries.asked_series import AskedSeries
from query_api.queries.reads import Reads
from query_api.queries.series_reading import (
    Pager,
    ShownSeries,
    StepRange,
    WantedSeries,
    check_series_asked,
    likely_points,
    series_key,
    show_series,
)
from query_api.queries.thinning import check_points


class FoundPoints(NamedTuple):
    """asked: as the request names it. shown: None if no point of it is in the range."""

    asked: SeriesName
    shown: ShownSeries | None


class _Asked(NamedTuple):
    asked: SeriesName
    wanted: WantedSeries


async def metric_batch(
    reads: Reads, run_id: str, series: Sequence[SeriesName], steps: StepRange, most_points: int
) -> AsyncGenerator[list[FoundPoints], None]:
    """Parts in order of the request, one for each read of the columns; unknown series are left out.

    Raises NotFound, BadRequest for a bad density, ValidationFailed for too many series.
    """
    check_points(most_points)
    check_series_asked(len(series))
    run = await reads.runs.get(run_id)
    known = AskedSeries[SeriesSummary](run.summaries())
    pager = Pager[_Asked](lambda one: [one.wanted])
    for one in series:
        found = known.find(one.name, one.context)
        if found is not None:
            key = series_key(run, found.name, found.context)
            page = pager.add(_Asked(one, WantedSeries(key, most_points, likely_points(found, steps))))
            if page:
                yield await _read(reads, page, steps)
    rest = pager.rest()
    if rest:
        yield await _read(reads, rest, steps)


async def _read(reads: Reads, page: Sequence[_Asked], steps: StepRange) -> list[FoundPoints]:
    unique = dict.fromkeys(one.wanted for one in page)
    shown = await show_series(reads, list(unique), steps=steps)
    return [FoundPoints(one.asked, shown.get(one.wanted.key, {}).get(one.wanted.most)) for one in page]
