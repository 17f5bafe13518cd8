"""Rows 20 and 22 as frames: one of each run, with the points of its series."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from contracts.aimcodec.arrays import NumericArray
from contracts.aimcodec.records import encode_tree
from contracts.read_models import RunDocument, RunSegments
from contracts.rest.run_reads import AlignRequest
from query_api.queries.align import FoundAxis, align
from query_api.queries.metric_search import FoundTrace, search_metrics
from query_api.queries.reads import Reads
from query_api.queries.search_text import SearchText
from query_api.queries.series_reading import AxisPoints
from query_api.streaming import frames
from query_api.streaming.chunks import FLUSH, letting_go
from stores.runs.catalog import Catalog
from stores.runs.large_params import whole_segments


async def metric_search_frames(
    reads: Reads,
    search: SearchText,
    most_points: int,
    axis: str | None,
    *,
    skip_system: bool,
    report_progress: bool,
) -> AsyncGenerator[bytes, None]:
    """Nothing at all, progress included, where no run's part of the query can hold."""
    catalog = await reads.catalog()
    total = await reads.runs.count() if report_progress else 0
    progress = frames.Progress(total, wanted=report_progress)
    checked = 0
    async with aclosing(search_metrics(reads, search, catalog, most_points, axis)) as groups:
        async for group in groups:
            for found in letting_go(group.runs):
                if not found.start:
                    segments = await whole_segments(reads.values, found.run, found.segments)
                    yield _run_records(found.run, segments, catalog, skip_system=skip_system)
                for place, trace in enumerate(letting_go(found.traces), found.start):
                    yield encode_tree(_trace(trace, most_points), (found.run.id, "traces", place))
                if found.is_last and (frame := progress.frame(found.checked)):
                    yield frame
            checked = group.checked
            yield FLUSH
    if checked:
        yield progress.frame(checked)


def _run_records(run: RunDocument, segments: RunSegments | None, catalog: Catalog, *, skip_system: bool) -> bytes:
    """All but the traces, of which there is one at least."""
    return b"".join((
        frames.props_records(run, catalog),
        frames.params_records(run.id, segments, skip_system=skip_system),
        encode_tree([], (run.id, "traces")),
    ))  # fmt: skip


def _trace(trace: FoundTrace, most_points: int) -> dict[str, Any]:
    series = trace.series
    return {
        "name": trace.summary.name,
        "context": trace.summary.context,
        "slice": [0, 0, most_points],
        "values": NumericArray(() if series is None else series.values),
        "iters": NumericArray(() if series is None else series.steps),
        "epochs": NumericArray(() if series is None else series.epochs),
        "timestamps": NumericArray(() if series is None else series.times),
        **_axis(None if series is None else series.axis),
    }


def _axis(axis: AxisPoints | None) -> dict[str, Any]:
    return {
        "x_axis_values": None if axis is None else NumericArray(axis.values),
        "x_axis_iters": None if axis is None else NumericArray(axis.steps),
    }


async def align_frames(reads: Reads, request: AlignRequest) -> AsyncGenerator[bytes, None]:
    """A frame for each requested series: a request may name so many that all of them fit in no memory."""
    async with aclosing(align(reads, request)) as groups:
        async for group in groups:
            for found in letting_go(group):
                yield _axis_records(found)
            yield FLUSH


def _axis_records(found: FoundAxis) -> bytes:
    opener = b"" if found.place else encode_tree([], (found.run_id,))
    if found.trace is None:
        return opener
    entry = {"name": found.trace.name, "context": found.trace.context, **_axis(found.axis)}
    return opener + encode_tree(entry, (found.run_id, found.place))
