"""Row 19: which runs a search shows, in which order, page by page."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from contracts.read_models import RunDocument, RunSegments
from query_api.queries.reads import Reads
from query_api.queries.run_matching import BATCH, matching_runs
from query_api.queries.run_order import SortKey, SortRow, in_order, sort_row
from query_api.queries.run_views import StoredRun
from query_api.queries.search_text import SearchText
from stores.runs.catalog import Catalog
from stores.runs.reader import Place

_SMALLEST_BATCH = 50


@dataclass(frozen=True, slots=True)
class Page:
    """limit: most runs that are shown, 0 for all. offset: the run after which the page begins, or empty."""

    limit: int = 0
    offset: str = ""
    sort: Sequence[SortKey] = ()


@dataclass(frozen=True, slots=True)
class FoundRun:
    """segments: None if nobody wants them, or the store has none. checked: runs looked at up to this one."""

    run: RunDocument
    segments: RunSegments | None
    checked: int


@dataclass(frozen=True, slots=True)
class FoundRuns:
    """A part of the answer, maybe empty. checked: runs looked at so far. cut: the limit ends the answer here."""

    runs: list[FoundRun]
    checked: int
    cut: bool


async def search_runs(
    reads: Reads, search: SearchText, catalog: Catalog, page: Page, *, with_segments: bool = True
) -> AsyncGenerator[FoundRuns, None]:
    """Parts in order, one for each read of the store. An offset that no run ever had gives none.

    Close the iterator if you leave it early.
    """
    offset = await reads.runs.find_deleted_too(page.offset) if page.offset else None
    if page.offset and offset is None:
        return
    parts = (
        _sorted(reads, search, catalog, page, offset) if page.sort else _by_age(reads, search, catalog, page, offset)
    )
    async with aclosing(parts):
        async for part in parts:
            if with_segments:
                segments = await reads.runs.segments([one.run.id for one in part.runs]) if part.runs else {}
                part = replace(part, runs=[replace(one, segments=segments.get(one.run.id)) for one in part.runs])
            yield part


async def _by_age(
    reads: Reads, search: SearchText, catalog: Catalog, page: Page, offset: RunDocument | None
) -> AsyncGenerator[FoundRuns, None]:
    after = None if offset is None else Place(offset.created_at, offset.id)
    batch = max(_SMALLEST_BATCH, min(page.limit, BATCH)) if page.limit else BATCH
    checked, sent = 0, 0
    async with aclosing(matching_runs(reads, search, catalog, after=after, batch=batch)) as batches:
        async for matches in batches:
            taken = matches.runs[: page.limit - sent] if page.limit else matches.runs
            sent += len(taken)
            cut = 0 < page.limit <= sent
            looked_at = taken[-1].place if cut else matches.looked_at
            found = [FoundRun(match.run.document, None, checked + match.place) for match in taken]
            yield FoundRuns(found, checked + looked_at, cut)
            checked += looked_at
            if cut:
                return


async def _sorted(
    reads: Reads, search: SearchText, catalog: Catalog, page: Page, offset: RunDocument | None
) -> AsyncGenerator[FoundRuns, None]:
    """All matches must be known before the first; meanwhile only their ids and sort values are kept."""
    rows: dict[str, SortRow] = {}
    checked = 0
    async with aclosing(matching_runs(reads, search, catalog)) as batches:
        async for matches in batches:
            checked += matches.looked_at
            rows.update({m.run.hash: sort_row(m.run, page.sort, reads.now) for m in matches.runs})
    if offset is not None:
        rows.setdefault(offset.id, sort_row(StoredRun(offset, catalog), page.sort, reads.now))
    ids = in_order(list(rows.values()), page.sort)
    if offset is not None:
        ids = ids[ids.index(offset.id) + 1 :]
    wanted = ids[: page.limit] if page.limit else ids
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        runs = await reads.runs.many(part)
        found = [FoundRun(runs[run_id], None, checked) for run_id in part if run_id in runs]
        yield FoundRuns(found, checked, cut=False)
    if not wanted:
        yield FoundRuns([], checked, cut=False)
