"""Rows 17 and 18 as frames: one of each line or record, keyed by its number."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from contracts.aimcodec.records import encode_tree
from contracts.events.logs import LogRecord
from contracts.read_models import RunDocument
from query_api.queries.reads import Reads
from query_api.queries.run_logs import Numbers, log_lines, log_records
from query_api.streaming.chunks import FLUSH

_LEVELS = {
    level: logging.getLevelName(level)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
}
_UNKNOWN_LEVEL = _LEVELS[logging.INFO]


async def log_line_frames(reads: Reads, run: RunDocument, asked: Numbers | None) -> AsyncGenerator[bytes, None]:
    async with aclosing(log_lines(reads, run, asked)) as parts:
        async for part in parts:
            for number, text in part:
                yield encode_tree(text, (number,))
            yield FLUSH


async def log_record_frames(reads: Reads, run: RunDocument, asked: Numbers | None) -> AsyncGenerator[bytes, None]:
    """The count comes first and always: pages take every other key for a record."""
    yield encode_tree(run.records_end, ("log_records_count",))
    async with aclosing(log_records(reads, run, asked)) as parts:
        async for part in parts:
            for one in part:
                yield encode_tree(_shown(one.record), (one.number,))
            yield FLUSH


def _shown(record: LogRecord) -> dict[str, Any]:
    return {
        "message": record.message,
        "log_level": _LEVELS.get(record.level, _UNKNOWN_LEVEL),
        "timestamp": record.timestamp,
        "args": record.args,
        "is_notified": True,
    }
