"""Rows 19 and 21 as frames: one of each run, each followed by progress."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from query_api.queries.active_runs import active_runs, count_active_runs
from query_api.queries.reads import Reads
from query_api.queries.run_search import FoundRun, Page, search_runs
from query_api.queries.search_text import SearchText
from query_api.streaming import frames
from query_api.streaming.chunks import FLUSH
from stores.runs.catalog import Catalog
from stores.runs.large_params import whole_segments


@dataclass(frozen=True, slots=True)
class RunParts:
    """What the frames of a run search hold beside props."""

    params: bool = True
    system_params: bool = False
    traces: bool = True


async def run_search_frames(
    reads: Reads, search: SearchText, page: Page, parts: RunParts, *, report_progress: bool
) -> AsyncGenerator[bytes, None]:
    catalog = await reads.catalog()
    total = await reads.runs.count() if report_progress else 0
    progress = frames.Progress(total, wanted=report_progress)
    last, cut = 0, False
    async with aclosing(
        search_runs(reads, search, catalog, page, with_segments=parts.params or parts.traces)
    ) as groups:
        async for group in groups:
            for found in group.runs:
                yield await _run_frame(reads, found, catalog, parts) + progress.frame(found.checked)
            last, cut = group.checked, group.cut
            yield FLUSH
    # A search that the limit did not end has looked at every run, whatever the store spared it.
    looked_at = last if cut or page.offset else total
    if looked_at:
        yield progress.frame(looked_at)


async def _run_frame(reads: Reads, found: FoundRun, catalog: Catalog, parts: RunParts) -> bytes:
    run_id, segments = found.run.id, found.segments
    if parts.params:
        segments = await whole_segments(reads.values, found.run, segments)
    return b"".join((
        frames.props_records(found.run, catalog),
        frames.params_records(run_id, segments, skip_system=not parts.system_params)
        if parts.params
        else frames.no_params_records(run_id),
        frames.overview_records(run_id, segments) if parts.traces else frames.no_overview_records(run_id),
    ))  # fmt: skip


async def active_run_frames(reads: Reads, *, report_progress: bool) -> AsyncGenerator[bytes, None]:
    """Progress counts the active runs alone; no closing frame."""
    catalog = await reads.catalog()
    total = await count_active_runs(reads) if report_progress else 0
    progress = frames.Progress(total, wanted=report_progress)
    async with aclosing(active_runs(reads)) as groups:
        async for group in groups:
            for found in group:
                props = frames.props_records(found.run, catalog)
                yield props + frames.overview_records(found.run.id, found.segments) + progress.frame(found.checked)
            yield FLUSH
