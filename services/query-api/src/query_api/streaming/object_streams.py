"""Rows 24 to 40 as frames: objects of a search, of one run, and the bytes of images and sounds."""

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from contracts.aimcodec.records import encode_tree
from contracts.metric_points import Floats
from contracts.read_models import ObjectSummary, RunDocument
from contracts.rest.run_reads import SeriesName
from query_api.queries.asked_series import AskedSeries
from query_api.queries.blob_bytes import referenced_bytes
from query_api.queries.object_ranges import Range, Ranges, Selection, ranges_of
from query_api.queries.object_reading import ObjectTrace, read_traces, read_values
from query_api.queries.object_search import found_runs, search_objects
from query_api.queries.reads import Reads
from query_api.queries.search_text import SearchText
from query_api.streaming import frames
from query_api.streaming.chunks import FLUSH
from stores.runs.large_params import whole_segments

Path = tuple[str | int, ...]


async def object_search_frames(
    reads: Reads, search: SearchText, selection: Selection, *, skip_system: bool, report_progress: bool
) -> AsyncGenerator[bytes, None]:
    """Nothing at all, progress included, where no run's part of the query can hold."""
    catalog = await reads.catalog()
    total = await reads.runs.count() if report_progress else 0
    progress = frames.Progress(total, wanted=report_progress)
    found = await search_objects(reads, search, catalog, selection)
    kind = search.query.kind
    async with aclosing(found_runs(reads, kind, found)) as pages:
        async for page in pages:
            if found.ranges is None:
                break
            segments = await reads.runs.segments([run.id for _, run, _ in page])
            for match, run, summaries in page:
                head = encode_tree(_search_ranges(found.ranges), (run.id, "ranges"))
                whole = await whole_segments(reads.values, run, segments.get(run.id))
                yield head + frames.params_records(run.id, whole, skip_system=skip_system)
                series = [(run, one) for one in summaries]
                traces = await read_traces(reads, kind, series, found.ranges.record_used, selection.record_density)
                yield encode_tree([], (run.id, "traces"))
                paths: list[Path] = [(run.id, "traces", index) for index in range(len(traces))]
                async with aclosing(_trace_frames(reads, kind, traces, paths, found.ranges, selection)) as parts:
                    async for _, part in parts:
                        yield part
                yield frames.props_records(run, catalog) + progress.frame(match.checked)
                yield FLUSH
    if found.checked:
        yield progress.frame(found.checked)


async def object_batch_frames(
    reads: Reads, kind: str, run: RunDocument, asked: Sequence[SeriesName], selection: Selection, step: int | None
) -> AsyncGenerator[bytes, None]:
    """One group of keys after the other, in the order in which they were asked for; unknown ones are left out.

    step: that one alone, negative ones from the end of all; a series without it is left out.
    """
    known = AskedSeries([one for one in run.object_summaries() if one.kind == kind])
    wanted = [known.find(one.name, one.context) for one in asked]
    summaries = [one for one in wanted if one is not None]
    if not summaries:
        return
    ranges = ranges_of(kind, summaries, selection)
    if step is not None:
        at = step if step >= 0 else ranges.record_total.stop + step
        ranges = replace(ranges, record_used=Range(at, at + 1))
    series: list[tuple[RunDocument, ObjectSummary]] = [(run, one) for one in summaries]
    traces = await read_traces(reads, kind, series, ranges.record_used, selection.record_density)
    shown = [trace for trace in traces if step is None or len(trace.steps)]
    tail = encode_tree(_batch_ranges(ranges))
    paths: list[Path] = [()] * len(shown)
    ended = 0
    async with aclosing(_trace_frames(reads, kind, shown, paths, ranges, selection)) as parts:
        async for index, part in parts:
            # The ranges of the one before end its group.
            yield tail * (index - ended) + part
            ended = index
    yield tail * (len(shown) - ended)


async def _trace_frames(
    reads: Reads, kind: str, traces: Sequence[ObjectTrace], paths: Sequence[Path], ranges: Ranges, selection: Selection
) -> AsyncGenerator[tuple[int, bytes], None]:
    """Every trace at its path, with its index; a long one in parts."""
    index, sent = 0, 0
    async with aclosing(read_values(reads, kind, traces, ranges, selection)) as parts:
        async for owner, values in parts:
            for empty in range(index + (sent > 0), owner):
                yield empty, _head(traces[empty], paths[empty]) + _tail(traces[empty], paths[empty])
            if owner != index:
                index, sent = owner, 0
            records = b"" if sent else _head(traces[index], paths[index])
            path = (*paths[index], "values")
            records += b"".join(encode_tree(one, (*path, sent + place)) for place, one in enumerate(values))
            sent += len(values)
            if sent == len(traces[index].steps):
                records += _tail(traces[index], paths[index])
            yield index, records
            await asyncio.sleep(0)
    for empty in range(index + (sent > 0), len(traces)):
        yield empty, _head(traces[empty], paths[empty]) + _tail(traces[empty], paths[empty])


def _head(trace: ObjectTrace, path: Path) -> bytes:
    return encode_tree({"name": trace.summary.name, "context": trace.summary.context, "values": []}, path)


def _tail(trace: ObjectTrace, path: Path) -> bytes:
    """A group of a batch, whose keys are at the root, has steps alone."""
    members: dict[str, Any] = {"iters": trace.steps.tolist()}
    if path:
        members |= {"epochs": list(_epochs(trace.epochs)), "timestamps": trace.times.tolist()}
    return encode_tree(members, path)


def _epochs(epochs: Floats) -> Iterator[int | float | None]:
    for epoch in epochs.tolist():
        if math.isnan(epoch):
            yield None
        else:
            yield int(epoch) if epoch.is_integer() else epoch


def _search_ranges(ranges: Ranges) -> dict[str, list[int]]:
    shown = {"record_range_used": ranges.record_used.shown(), "record_range_total": ranges.record_total.shown()}
    if ranges.index_used is not None and ranges.index_total is not None:
        shown |= {"index_range_used": ranges.index_used.shown(), "index_range_total": ranges.index_total.shown()}
    return shown


def _batch_ranges(ranges: Ranges) -> dict[str, list[int]]:
    """The used range of indices has a name in each of both UIs."""
    shown: dict[str, list[int]] = {}
    for name, bounds in _search_ranges(ranges).items():
        shown[name] = bounds
        if name == "index_range_used":
            shown["index_range"] = bounds
    return shown


async def blob_frames(reads: Reads, tokens: Sequence[str]) -> AsyncGenerator[bytes, None]:
    """Each token once: the decoder of the UIs refuses a second one."""
    async with aclosing(referenced_bytes(reads, list(dict.fromkeys(tokens)))) as found:
        async for token, data in found:
            yield encode_tree(data, (token,))
            yield FLUSH
