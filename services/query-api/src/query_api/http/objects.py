"""Rows 24 to 40: images, texts, distributions, sounds and figures."""

from functools import partial
from typing import Annotated

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from contracts.rest.run_reads import SeriesName
from edge.parameters import Flag, parse_range
from query_api.http.dependencies import FromTimezone, FromViews
from query_api.http.streams import MEDIA_TYPE, BinaryStream, StreamOperation, stream
from query_api.language.scope import QueryKind
from query_api.queries.object_ranges import Selection, check_density
from query_api.queries.search_text import read_search
from query_api.queries.series_reading import check_series_asked
from query_api.streaming.object_streams import blob_frames, object_batch_frames, object_search_frames

_YES = Flag(True)
_RECORDS, _INDICES = 50, 5
OBJECT_KINDS: tuple[QueryKind, ...] = ("images", "texts", "distributions", "audios", "figures")
BLOB_KINDS = ("images", "audios")

_asked = partial(post, tags=["runs"], media_type=MEDIA_TYPE, operation_class=StreamOperation, status_code=200)
"""Of reads that name in their body what they want."""


def _selection(record_range: str, record_density: int, index_range: str, index_density: int) -> Selection:
    """Raises BadRequest."""
    records, indices = parse_range(record_range), parse_range(index_range)
    return Selection(records, check_density(record_density), indices, check_density(index_density))


def _search(kind: QueryKind) -> HTTPRouteHandler:
    @get(
        f"/runs/search/{kind}",
        operation_id=f"Search{kind.title()}",
        tags=["search"],
        media_type=MEDIA_TYPE,
        operation_class=StreamOperation,
    )
    async def search_objects(
        reads: FromViews,
        timezone: FromTimezone,
        q: FromQuery[str] = "",
        record_range: FromQuery[str] = "",
        record_density: FromQuery[int] = _RECORDS,
        index_range: FromQuery[str] = "",
        index_density: FromQuery[int] = _INDICES,
        skip_system: FromQuery[Flag] = _YES,
        report_progress: FromQuery[Flag] = _YES,
    ) -> BinaryStream:
        """Series of one kind of objects that a query matches, as a binary stream."""
        selection = _selection(record_range, record_density, index_range, index_density)
        search = read_search(q, kind, reads, timezone)
        wanted = {"skip_system": bool(skip_system), "report_progress": bool(report_progress)}
        return stream(object_search_frames(reads, search, selection, **wanted))

    return search_objects


def _batch(kind: str) -> HTTPRouteHandler:
    path = f"/runs/{{run_id:str}}/{kind}/get-batch"

    @_asked(path, operation_id=f"Get{kind.title()}Batch")
    async def get_batch(
        reads: FromViews,
        run_id: FromPath[str],
        data: JSONBody[list[SeriesName]],
        record_range: FromQuery[str] = "",
        record_density: FromQuery[int] = _RECORDS,
        index_range: FromQuery[str] = "",
        index_density: FromQuery[int] = _INDICES,
    ) -> BinaryStream:
        """Objects of some series of one run, as a binary stream."""
        check_series_asked(len(data))
        selection = _selection(record_range, record_density, index_range, index_density)
        run = await reads.runs.get(run_id)
        return stream(object_batch_frames(reads, kind, run, data, selection, None))

    return get_batch


def _step(kind: str) -> HTTPRouteHandler:
    path = f"/runs/{{run_id:str}}/{kind}/get-step"

    @_asked(path, operation_id=f"Get{kind.title()}Step")
    async def get_step(
        reads: FromViews,
        run_id: FromPath[str],
        data: JSONBody[list[SeriesName]],
        record_step: Annotated[int, QueryParameter(description="negative ones count from the end")] = -1,
        index_range: FromQuery[str] = "",
        index_density: FromQuery[int] = _INDICES,
    ) -> BinaryStream:
        """Objects of some series of one run at one step, as a binary stream."""
        check_series_asked(len(data))
        selection = _selection("", _RECORDS, index_range, index_density)
        run = await reads.runs.get(run_id)
        return stream(object_batch_frames(reads, kind, run, data, selection, record_step))

    return get_step


def _blobs(kind: str) -> HTTPRouteHandler:
    path = f"/runs/{kind}/get-batch"

    @_asked(path, operation_id=f"Get{kind.title()}Bytes")
    async def get_blobs(reads: FromViews, data: JSONBody[list[str]]) -> BinaryStream:
        """Bytes by the references that earlier answers gave, as a binary stream."""
        check_series_asked(len(data))
        return stream(blob_frames(reads, data))

    return get_blobs


HANDLERS = (
    *map(_search, OBJECT_KINDS),
    *map(_batch, OBJECT_KINDS),
    *map(_step, OBJECT_KINDS),
    *map(_blobs, BLOB_KINDS),
)
