"""Rows 17 and 18."""

from litestar import get
from litestar.params import FromPath, FromQuery

from edge.parameters import parse_range
from query_api.http.dependencies import FromViews
from query_api.http.streams import MEDIA_TYPE, BinaryStream, StreamOperation, stream
from query_api.streaming.log_streams import log_line_frames, log_record_frames


@get(
    "/runs/{run_id:str}/logs",
    operation_id="GetRunLogs",
    tags=["runs"],
    media_type=MEDIA_TYPE,
    operation_class=StreamOperation,
)
async def get_logs(reads: FromViews, run_id: FromPath[str], record_range: FromQuery[str] = "") -> BinaryStream:
    """Lines of a run's terminal, the last 200 unless a range is given, as a binary stream."""
    asked = parse_range(record_range) if record_range.strip() else None
    return stream(log_line_frames(reads, await reads.runs.get(run_id), asked))


@get(
    "/runs/{run_id:str}/log-records",
    operation_id="GetRunLogRecords",
    tags=["runs"],
    media_type=MEDIA_TYPE,
    operation_class=StreamOperation,
)
async def get_log_records(reads: FromViews, run_id: FromPath[str], record_range: FromQuery[str] = "") -> BinaryStream:
    """Records of a run's loggers, the last 200 unless a range is given, as a binary stream."""
    asked = parse_range(record_range) if record_range.strip() else None
    return stream(log_record_frames(reads, await reads.runs.get(run_id), asked))


HANDLERS = (get_logs, get_log_records)
