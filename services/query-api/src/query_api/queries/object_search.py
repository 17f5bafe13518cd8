"""Rows 24 to 28: the series of objects that a search shows."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from contracts.read_models import ObjectSummary, RunDocument
from query_api.queries.object_ranges import Ranges, Selection, ranges_of
from query_api.queries.object_reading import object_key
from query_api.queries.reads import Reads
from query_api.queries.run_matching import asked, matching_runs
from query_api.queries.search_text import SearchText
from query_api.queries.series_reading import SERIES_PER_READ, SeriesKey
from stores.runs.catalog import Catalog


@dataclass(frozen=True, slots=True)
class MatchingRun:
    """checked: how many runs were looked at up to this one."""

    run_id: str
    keys: frozenset[SeriesKey]
    checked: int


@dataclass(frozen=True, slots=True)
class FoundObjects:
    """All matches, known before anything is sent, since ranges span them all.

    ranges: None if there is no match. checked: runs looked at, as far as their series could match.
    """

    runs: list[MatchingRun]
    ranges: Ranges | None
    checked: int


async def search_objects(reads: Reads, search: SearchText, catalog: Catalog, selection: Selection) -> FoundObjects:
    """The runs in order; of each only what is needed to read it again."""
    runs: list[MatchingRun] = []
    summaries: list[ObjectSummary] = []
    before = checked = 0
    async with aclosing(matching_runs(reads, search, catalog)) as batches:
        async for matches in batches:
            for match in matches.runs:
                checked = before + match.place
                found = await asked(reads, match.run, search.matching_objects)
                if found:
                    document = match.run.document
                    runs.append(
                        MatchingRun(document.id, frozenset(object_key(document, one) for one in found), checked)
                    )
                    summaries += found
            before += matches.looked_at
            # A query over many series takes its time: others are served between batches.
            await asyncio.sleep(0)
    ranges = ranges_of(search.query.kind, summaries, selection) if summaries else None
    return FoundObjects(runs, ranges, checked)


async def found_runs(
    reads: Reads, kind: str, found: FoundObjects
) -> AsyncGenerator[list[tuple[MatchingRun, RunDocument, list[ObjectSummary]]], None]:
    """Pages of runs with their matching series; what was deleted meanwhile is left out."""
    page: list[MatchingRun] = []
    count = 0
    for one in found.runs:
        if page and count + len(one.keys) > SERIES_PER_READ:
            yield await _read_page(reads, kind, page)
            page, count = [], 0
        page.append(one)
        count += len(one.keys)
    if page:
        yield await _read_page(reads, kind, page)


async def _read_page(
    reads: Reads, kind: str, page: list[MatchingRun]
) -> list[tuple[MatchingRun, RunDocument, list[ObjectSummary]]]:
    runs = await reads.runs.many([one.run_id for one in page])
    found = []
    for one in page:
        run = runs.get(one.run_id)
        if run is not None:
            of_kind = [summary for summary in run.object_summaries() if summary.kind == kind]
            found.append((one, run, [summary for summary in of_kind if object_key(run, summary) in one.keys]))
    return found
