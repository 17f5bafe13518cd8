"""Rows 1, 10, 12, 19 to 23."""

from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from contracts.errors import BadRequest
from contracts.rest.bounds import MAX_NAME
from contracts.rest.notes import Note, NoteContent
from contracts.rest.run_reads import AlignRequest, RunInfo, SeriesName, SeriesValues
from edge.parameters import Flag, parse_range
from query_api.http.dependencies import FromTimezone, FromViews
from query_api.http.streams import MEDIA_TYPE, BinaryStream, JsonStream, StreamOperation, json_stream, stream
from query_api.queries.align import check_alignment
from query_api.queries.run_info import run_info
from query_api.queries.run_notes import run_note, run_notes
from query_api.queries.run_order import parse_sort
from query_api.queries.run_search import Page
from query_api.queries.search_text import read_search
from query_api.queries.thinning import check_points
from query_api.streaming.metric_batch_json import metric_batch_json
from query_api.streaming.metric_streams import align_frames, metric_search_frames
from query_api.streaming.notes_json import notes_json
from query_api.streaming.run_streams import RunParts, active_run_frames, run_search_frames

_YES, _NO = Flag(True), Flag(False)


@get("/runs/{run_id:str}/info", operation_id="GetRunInfo", tags=["runs"])
async def get_run_info(
    reads: FromViews,
    run_id: FromPath[str],
    skip_system: FromQuery[Flag] = _NO,
    sequence: FromQuery[list[str] | None] = None,
) -> RunInfo:
    """Params, props, names of sequences and artifacts of one run."""
    return await run_info(reads, run_id, skip_system=bool(skip_system), kinds=sequence)


@get("/runs/{run_id:str}/note", operation_id="GetRunNotes", tags=["runs"])
async def get_run_notes(reads: FromViews, run_id: FromPath[str]) -> JsonStream[list[Note]]:
    """Notes of one run, the most recently updated first."""
    return json_stream(notes_json(await run_notes(reads, run_id)))


@get("/runs/{run_id:str}/note/{note_id:str}", operation_id="GetRunNote", tags=["runs"])
async def get_run_note(reads: FromViews, run_id: FromPath[str], note_id: FromPath[str]) -> NoteContent:
    """One note of one run."""
    return await run_note(reads, run_id, note_id)


@get(
    "/runs/search/run",
    operation_id="SearchRuns",
    tags=["search"],
    media_type=MEDIA_TYPE,
    operation_class=StreamOperation,
)
async def search_runs(
    reads: FromViews,
    timezone: FromTimezone,
    q: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(description="0 is no limit")] = 0,
    offset: Annotated[str, QueryParameter(description="id of the run after which the page begins")] = "",
    sort: Annotated[str, QueryParameter(description='JSON array of {"field", "order"}')] = "",
    skip_system: FromQuery[Flag] = _YES,
    report_progress: FromQuery[Flag] = _YES,
    exclude_params: FromQuery[Flag] = _NO,
    exclude_traces: FromQuery[Flag] = _NO,
) -> BinaryStream:
    """Runs that a query matches, as a binary stream."""
    if limit < 0:
        raise BadRequest("The limit must not be negative.")
    page = Page(limit, offset, parse_sort(sort))
    parts = RunParts(params=not exclude_params, system_params=not skip_system, traces=not exclude_traces)
    search = read_search(q, "run", reads, timezone)
    return stream(run_search_frames(reads, search, page, parts, report_progress=bool(report_progress)))


@get(
    "/runs/search/metric",
    operation_id="SearchMetrics",
    tags=["search"],
    media_type=MEDIA_TYPE,
    operation_class=StreamOperation,
)
async def search_metrics(
    reads: FromViews,
    timezone: FromTimezone,
    q: FromQuery[str] = "",
    p: Annotated[int, QueryParameter(description="most points of a series, -1 for all")] = 50,
    x_axis: Annotated[
        str | None, QueryParameter(description="metric whose values replace steps", max_length=MAX_NAME)
    ] = None,
    skip_system: FromQuery[Flag] = _YES,
    report_progress: FromQuery[Flag] = _YES,
) -> BinaryStream:
    """Metric series that a query matches, with their points, as a binary stream."""
    most = check_points(p)
    search = read_search(q, "metric", reads, timezone)
    axis = (x_axis or "").strip() or None
    return stream(
        metric_search_frames(
            reads, search, most, axis, skip_system=bool(skip_system), report_progress=bool(report_progress)
        )
    )


@get(
    "/runs/active",
    operation_id="GetActiveRuns",
    tags=["search"],
    media_type=MEDIA_TYPE,
    operation_class=StreamOperation,
)
async def get_active_runs(reads: FromViews, report_progress: FromQuery[Flag] = _YES) -> BinaryStream:
    """Runs that are active, as a binary stream."""
    return stream(active_run_frames(reads, report_progress=bool(report_progress)))


@post(
    "/runs/search/metric/align",
    operation_id="AlignMetrics",
    tags=["search"],
    media_type=MEDIA_TYPE,
    operation_class=StreamOperation,
    status_code=200,
)
async def align_metrics(reads: FromViews, data: JSONBody[AlignRequest]) -> BinaryStream:
    """Series along the values of another metric, one entry for each that was asked for, as a binary stream."""
    check_alignment(data)
    return stream(align_frames(reads, data))


@post("/runs/{run_id:str}/metric/get-batch", operation_id="GetMetricBatch", tags=["runs"], status_code=200)
async def get_metric_batch(
    reads: FromViews,
    run_id: FromPath[str],
    data: JSONBody[list[SeriesName]],
    record_range: FromQuery[str] = "",
    record_density: FromQuery[int] = 200,
) -> JsonStream[list[SeriesValues]]:
    """Points of some series of one run."""
    return json_stream(metric_batch_json(reads, run_id, data, parse_range(record_range), record_density))


HANDLERS = (
    get_run_info,
    get_run_notes,
    get_run_note,
    search_runs,
    search_metrics,
    get_active_runs,
    align_metrics,
    get_metric_batch,
)
