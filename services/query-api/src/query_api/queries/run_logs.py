"""Rows 17 and 18: what a run wrote to its terminal, and through its loggers."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.events.logs import LogRecord
from contracts.keys import data_key
from contracts.read_models import RunDocument
from contracts.read_models.logs import unpack_line, unpack_record
from contracts.trees import StoredValue, Tree, stored_values, with_values
from query_api.queries.reads import Reads
from query_api.queries.stored_weight import by_weight

TAIL = 200
_FIRST_READ = TAIL + 50
_NUMBERS_PER_READ = range(50, 2_000)
_BYTES_PER_READ = 8 << 20
"""A row has some hundred bytes, or a quarter of a mebibyte."""

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
        lines = [(number, unpack_line(payload)) for number, payload in part]
        for some in by_weight(lines, lambda line: _claims(line[1])):
            whole = await _whole(reads, run, [text for _, text in some])
            yield [(number, text) for (number, _), text in zip(some, whole, strict=True)]


async def log_records(
    reads: Reads, run: RunDocument, asked: Numbers | None
) -> AsyncGenerator[list[NumberedRecord], None]:
    """Parts of records, ascending. Close the iterator if you leave it early."""
    numbers = wanted_numbers(asked, run.records_end)
    async for part in _parts(reads, reads.names.log_records, run, numbers):
        records = [(number, unpack_record(payload)) for number, payload in part]
        for some in by_weight(records, lambda record: _claims(_trees(record[1]))):
            whole = await _whole(reads, run, [_trees(one) for _, one in some])
            yield [
                NumberedRecord(number, LogRecord(message, one.level, one.timestamp, args, one.logger_info, number))
                for (number, one), (message, args) in zip(some, whole, strict=True)
            ]


async def _parts(
    reads: Reads, table: str, run: RunDocument, numbers: Numbers
) -> AsyncGenerator[list[tuple[int, bytes]], None]:
    """Numbers and payloads, as many as one read gives."""
    start, stop = numbers
    key = data_key(run.id, run.incarnation)
    limit = _FIRST_READ
    while stop is None or start is None or start < stop:
        part = await reads.columns.read_log(table, key, numbers=(start, stop), limit=limit)
        rows = list(zip(part.numbers.tolist(), part.payloads, strict=True))
        if rows:
            yield rows
        if len(rows) < limit:
            return
        start = rows[-1][0] + 1
        limit = _next_limit(part.payloads)


def _next_limit(payloads: Sequence[bytes]) -> int:
    """Rows that weigh little together, if they are like the last ones."""
    fitting = _BYTES_PER_READ * len(payloads) // sum(map(len, payloads))
    return max(_NUMBERS_PER_READ.start, min(_NUMBERS_PER_READ.stop, fitting))


def _trees(record: LogRecord) -> list[Tree]:
    return [record.message, record.args]


def _claims(tree: Tree) -> list[StoredValue]:
    return list(stored_values(tree))


async def _whole(reads: Reads, run: RunDocument, trees: list[Tree]) -> list[Any]:
    claims = _claims(trees)
    whole: list[Any] = with_values(trees, await reads.values.load(run.id, claims)) if claims else trees
    return whole
