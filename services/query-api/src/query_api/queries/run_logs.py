"""Rows 17 and 18: what a run wrote to its terminal, and through its loggers."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from contracts.events.logs import LogRecord
from contracts.keys import data_key
from contracts.read_models import RunDocument
from contracts.read_models.logs import unpack_line, unpack_record
from contracts.trees import Tree, stored_values, with_values
from query_api.queries.reads import Reads

TAIL = 200
_NUMBERS_PER_READ = 2_000

Numbers = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class NumberedRecord:
    """record: with every value in its place."""

    number: int
    record: LogRecord


def wanted_numbers(asked: Numbers | None, end: int) -> Numbers:
    """asked: a half-open range, None for the last 200. end: highest number plus one."""
    return (max(0, end - TAIL), None) if asked is None else asked


async def log_lines(
    reads: Reads, run: RunDocument, asked: Numbers | None
) -> AsyncGenerator[list[tuple[int, str]], None]:
    """Parts of numbers and texts, ascending. Close the iterator if you leave it early."""
    numbers = wanted_numbers(asked, run.lines_end)
    async for part in _parts(reads, reads.names.log_lines, run, numbers):
        lines = [unpack_line(payload) for _, payload in part]
        whole = await _whole(reads, run, lines)
        yield [(number, text) for (number, _), text in zip(part, whole, strict=True)]


async def log_records(
    reads: Reads, run: RunDocument, asked: Numbers | None
) -> AsyncGenerator[list[NumberedRecord], None]:
    """Parts of records, ascending. Close the iterator if you leave it early."""
    numbers = wanted_numbers(asked, run.records_end)
    async for part in _parts(reads, reads.names.log_records, run, numbers):
        records = [unpack_record(payload) for _, payload in part]
        whole = await _whole(reads, run, [[one.message, one.args] for one in records])
        yield [
            NumberedRecord(number, LogRecord(message, one.level, one.timestamp, args, one.logger_info, number))
            for (number, _), one, (message, args) in zip(part, records, whole, strict=True)
        ]


async def _parts(
    reads: Reads, table: str, run: RunDocument, numbers: Numbers
) -> AsyncGenerator[list[tuple[int, bytes]], None]:
    """Numbers and payloads, as many as one read gives."""
    start, stop = numbers
    key = data_key(run.id, run.incarnation)
    while stop is None or start is None or start < stop:
        part = await reads.columns.read_log(table, key, numbers=(start, stop), limit=_NUMBERS_PER_READ)
        rows = list(zip(part.numbers.tolist(), part.payloads, strict=True))
        if rows:
            yield rows
        if len(rows) < _NUMBERS_PER_READ:
            return
        start = rows[-1][0] + 1


async def _whole(reads: Reads, run: RunDocument, trees: list[Tree]) -> list[Any]:
    claims = list(stored_values(trees))
    whole: list[Any] = with_values(trees, await reads.values.load(run.id, claims)) if claims else trees
    return whole
