"""Row 20: the metric series that a search shows, with their points."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from contracts.read_models import RunDocument, RunSegments, SeriesSummary
from query_api.queries.reads import Reads
from query_api.queries.run_matching import asked, matching_runs
from query_api.queries.search_text import SearchText
from query_api.queries.series_reading import (
    Pager,
    ShownSeries,
    WantedSeries,
    in_reads,
    likely_points,
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
    """Traces of a run from the one at `start` on: all, or a part of a large run, to which the next one belongs too.

    segments: None for a part that is not the first. checked: how many runs were looked at up to this one.
    """

    run: RunDocument
    segments: RunSegments | None
    start: int
    traces: list[FoundTrace]
    checked: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class FoundTracesPart:
    """Runs, or a part of one, maybe none.

    checked: runs looked at so far, as far as their series could match; 0 for none.
    """

    runs: list[FoundTraces]
    checked: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A run with at least one series that matches, or of a large run as many as one read gives."""

    run: RunDocument
    start: int
    summaries: list[SeriesSummary]
    wanted: list[WantedSeries]
    checked: int
    is_last: bool


async def search_metrics(
    reads: Reads, search: SearchText, catalog: Catalog, most_points: int, axis: str | None
) -> AsyncGenerator[FoundTracesPart, None]:
    """Parts in the order of runs, one for each read of the columns. Close the iterator if you leave it early.

    While the caller works on one part, the next one is read.
    """
    pages = _pages(reads, search, catalog, most_points)
    async with aclosing(pages), _Ahead() as ahead:
        async for page, checked in pages:
            found = await ahead.exchange(_read(reads, page, axis, checked))
            if found is not None:
                yield found
        found = await ahead.last()
        if found is not None:
            yield found


class _Ahead:
    """One read that runs while the result of the one before is worked on."""

    def __init__(self) -> None:
        self._running: asyncio.Task[FoundTracesPart] | None = None

    async def __aenter__(self) -> "_Ahead":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def exchange(self, read: Coroutine[None, None, FoundTracesPart]) -> FoundTracesPart | None:
        """Start a read and give the result of the one before, None if there was none."""
        before, self._running = self._running, asyncio.create_task(read)
        return None if before is None else await before

    async def last(self) -> FoundTracesPart | None:
        running, self._running = self._running, None
        return None if running is None else await running


async def _pages(
    reads: Reads, search: SearchText, catalog: Catalog, most_points: int
) -> AsyncGenerator[tuple[list[_Chosen], int], None]:
    """Runs to read at once, with the number of runs that were looked at up to there."""
    before = checked = 0
    pager = Pager[_Chosen](lambda one: one.wanted)
    async with aclosing(matching_runs(reads, search, catalog)) as batches:
        async for matches in batches:
            for match in matches.runs:
                checked = before + match.place
                summaries = await asked(reads, match.run, search.matching_series)
                for chosen in _chosen(match.run.document, summaries, most_points, checked):
                    page = pager.add(chosen)
                    if page:
                        yield page, page[-1].checked
            before += matches.looked_at
            if pager.is_first and (page := pager.rest()):
                yield page, checked
            # A query over many series takes its time: others are served between batches.
            await asyncio.sleep(0)
    if checked:
        yield pager.rest(), checked


def _chosen(run: RunDocument, summaries: list[SeriesSummary], most: int, checked: int) -> Iterator[_Chosen]:
    wanted = [WantedSeries(series_key(run, s.name, s.context), most, likely_points(s)) for s in summaries]
    start = 0
    for part in in_reads(wanted):
        end = start + len(part)
        yield _Chosen(run, start, summaries[start:end], part, checked, end == len(summaries))
        start = end


async def _read(reads: Reads, page: Sequence[_Chosen], axis: str | None, checked: int) -> FoundTracesPart:
    shown = await show_series(reads, [series for one in page for series in one.wanted], axis)
    segments = await reads.runs.segments([one.run.id for one in page if not one.start])
    found = [
        FoundTraces(
            one.run,
            segments.get(one.run.id),
            one.start,
            [
                FoundTrace(summary, shown.get(series.key, {}).get(series.most))
                for summary, series in zip(one.summaries, one.wanted, strict=True)
            ],
            one.checked,
            one.is_last,
        )
        for one in page
    ]
    return FoundTracesPart(found, checked)
