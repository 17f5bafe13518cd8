"""Row 20: the metric series that a search shows, with their points."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from contracts.read_models import RunDocument, RunSegments, SeriesSummary
from query_api.queries.reads import Reads
from query_api.queries.run_matching import matching_runs
from query_api.queries.search_text import SearchText
from query_api.queries.series_reading import (
    ShownSeries,
    WantedSeries,
    likely_points,
    one_read_each,
    series_key,
    show_series,
)
from stores.runs.catalog import Catalog


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """series: None if no point of it is stored."""

    summary: SeriesSummary
    series: ShownSeries | None


@dataclass(frozen=True, slots=True)
class FoundTraces:
    """checked: how many runs were looked at up to this one."""

    run: RunDocument
    segments: RunSegments | None
    traces: list[FoundTrace]
    checked: int


@dataclass(frozen=True, slots=True)
class FoundTracesPart:
    """Whole runs, maybe none. checked: runs looked at so far, as far as their series could match; 0 for none."""

    runs: list[FoundTraces]
    checked: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A run with at least one series that matches."""

    run: RunDocument
    summaries: list[SeriesSummary]
    wanted: list[WantedSeries]
    checked: int


async def search_metrics(
    reads: Reads, search: SearchText, catalog: Catalog, most_points: int, axis: str | None
) -> AsyncGenerator[FoundTracesPart, None]:
    """Parts in the order of runs, one for each read of the columns. Close the iterator if you leave it early."""
    before = checked = 0
    async with aclosing(matching_runs(reads, search, catalog)) as batches:
        async for matches in batches:
            chosen = []
            for match in matches.runs:
                checked = before + match.place
                summaries = search.matching_series(match.run)
                if summaries:
                    chosen.append(_chosen(match.run.document, summaries, most_points, checked))
            before += matches.looked_at
            for page in one_read_each(chosen, lambda one: one.wanted):
                yield FoundTracesPart(await _read(reads, page, axis), page[-1].checked)
            yield FoundTracesPart([], checked)


def _chosen(run: RunDocument, summaries: list[SeriesSummary], most: int, checked: int) -> _Chosen:
    wanted = [WantedSeries(series_key(run, s.name, s.context), most, likely_points(s)) for s in summaries]
    return _Chosen(run, summaries, wanted, checked)


async def _read(reads: Reads, page: Sequence[_Chosen], axis: str | None) -> list[FoundTraces]:
    shown = await show_series(reads, [series for one in page for series in one.wanted], axis)
    segments = await reads.runs.segments([one.run.id for one in page])
    return [
        FoundTraces(
            one.run,
            segments.get(one.run.id),
            [
                FoundTrace(summary, shown.get(series.key, {}).get(series.most))
                for summary, series in zip(one.summaries, one.wanted, strict=True)
            ],
            one.checked,
        )
        for one in page
    ]
