"""Objects, log lines and log records of messages, gathered into events of bounded size."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from command_api.application.claim_check import Claims
from command_api.application.ingest import messages
from command_api.application.ingest.limits import MAX_PART_BYTES, MAX_ROWS_PER_EVENT
from command_api.application.ingest.objects import NotOfKind, items_of, kind_of
from command_api.application.ingest.points import checked_series
from command_api.application.ingest.times import client_time
from contracts.envelope import MAX_PARTS
from contracts.errors import ValidationFailed
from contracts.events import (
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    ObjectKind,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
)
from contracts.metric_points import NEXT_STEP
from contracts.trees import clean_text, clean_tree, pack

_SMALL_VALUE_BYTES = 1 << 10
"""Where a whole row would be too large, values from this size on are set aside as well."""

_Row = TypeVar("_Row")


class RowBuffer(Generic[_Row]):
    """Rows of one kind, one a message, in the order in which they came, until they are taken as events."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, _Row, int]] = []

    def add(self, index: int, row: _Row, size: int) -> None:
        self._rows.append((index, row, size))

    def take(self) -> list[tuple[int, list[list[_Row]]]]:
        """What came since the last call, cut so that each part fits into an event.

        The parts that one index can count, with the index of the first message in them; nearly always that is all.
        """
        rows, self._rows = self._rows, []
        parts = list(_parts(rows))
        return [
            (parts[start][0], [part for _, part in parts[start : start + MAX_PARTS]])
            for start in range(0, len(parts), MAX_PARTS)
        ]


def _parts(rows: Sequence[tuple[int, _Row, int]]) -> Iterator[tuple[int, list[_Row]]]:
    """Each with the index of its first row."""
    part: list[_Row] = []
    first, filled = 0, 0
    for index, row, size in rows:
        if part and (filled + size > MAX_PART_BYTES or len(part) == MAX_ROWS_PER_EVENT):
            yield first, part
            part, filled = [], 0
        if not part:
            first = index
        part.append(row)
        filled += size
    if part:
        yield first, part


class ObjectRows:
    """Objects of one request."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._buffer: RowBuffer[tuple[ObjectSeries, str, ObjectRow]] = RowBuffer()

    def add(self, index: int, message: messages.LogCustomObject) -> dict[str, bytes]:
        """Returns what was set aside. Raises ValidationFailed, and keeps nothing of the message then."""
        listed = isinstance(message.value, list)
        values = message.value if isinstance(message.value, list) else [message.value]
        entry = messages.SeriesEntry(message.name, message.context, message.dtype)
        name, context, canonical, dtype = checked_series(entry)
        time = client_time(message.client_datetime, self._now)
        step = NEXT_STEP if message.step is None else message.step

        def fitting(kind: ObjectKind) -> tuple[ObjectSeries, ObjectRow, int, dict[str, bytes]]:
            def made(claims: Claims) -> ObjectRow:
                return ObjectRow(0, step, message.epoch, time, listed, items_of(kind, values, claims))

            return ObjectSeries(kind, name, context, dtype), *_fitting(made)

        try:
            series, row, size, blobs = fitting(kind_of(message.dtype, values))
        except NotOfKind as named:
            # A class of the client's own may be called as a kind of ours is; nothing that it logs may be lost.
            try:
                series, row, size, blobs = fitting("custom")
            except ValidationFailed:
                raise named.why from None
        self._buffer.add(index, (series, canonical, row), size + len(pack(series)))
        return blobs

    def take(self) -> list[tuple[int, list[ObjectsTracked]]]:
        """As `RowBuffer.take`."""
        return [(index, [_objects_event(part) for part in parts]) for index, parts in self._buffer.take()]


def _objects_event(part: Sequence[tuple[ObjectSeries, str, ObjectRow]]) -> ObjectsTracked:
    numbers: dict[tuple[ObjectKind, str, str, str | None], int] = {}
    table: list[ObjectSeries] = []
    rows = []
    for series, canonical, row in part:
        key = (series.kind, series.name, canonical, series.dtype)
        if key not in numbers:
            numbers[key] = len(table)
            table.append(series)
        rows.append(ObjectRow(numbers[key], row.step, row.epoch, row.time, row.listed, row.items))
    return ObjectsTracked(series=tuple(table), rows=tuple(rows))


class LineRows:
    """Terminal lines of one request."""

    def __init__(self) -> None:
        self._buffer: RowBuffer[LogLine] = RowBuffer()

    def add(self, index: int, message: messages.LogTerminalLine) -> dict[str, bytes]:
        """As `ObjectRows.add`."""
        claims = Claims()
        line = LogLine(message.step, claims.value(clean_text(message.line)))
        self._buffer.add(index, line, len(pack(line)))
        return claims.blobs

    def take(self) -> list[tuple[int, list[LogLinesAppended]]]:
        """As `RowBuffer.take`."""
        return [
            (index, [LogLinesAppended(lines=tuple(part)) for part in parts]) for index, parts in self._buffer.take()
        ]


class RecordRows:
    """Log records of one request."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._buffer: RowBuffer[LogRecord] = RowBuffer()
        self.timed = True
        """Whether every record since the last `take` came with its time: the same frame again means the same ones."""

    def add(self, index: int, message: messages.LogRecord) -> dict[str, bytes]:
        """As `ObjectRows.add`."""
        timestamp = client_time(message.timestamp, self._now)
        text, args, info = clean_text(message.message), clean_tree(message.extra_args), clean_tree(message.logger_info)

        def made(claims: Claims) -> LogRecord:
            return LogRecord(claims.value(text), message.level, timestamp, claims.whole(args), claims.whole(info))

        record, size, blobs = _fitting(made)
        self._buffer.add(index, record, size)
        self.timed = self.timed and message.timestamp is not None
        return blobs

    def take(self) -> list[tuple[int, list[LogRecordsAppended]]]:
        """As `RowBuffer.take`."""
        self.timed = True
        return [
            (index, [LogRecordsAppended(records=tuple(part)) for part in parts]) for index, parts in self._buffer.take()
        ]


_Made = TypeVar("_Made")


def _fitting(make: Callable[[Claims], _Made]) -> tuple[_Made, int, dict[str, Any]]:
    """What is made with as few values set aside as fit, its packed size, and what was set aside."""
    for claims in (Claims(), Claims(_SMALL_VALUE_BYTES)):
        made = make(claims)
        size = len(pack(made))
        if size <= MAX_PART_BYTES:
            return made, size, claims.blobs
    raise ValidationFailed(f"what is logged at one step may not have more than {MAX_PART_BYTES} bytes beside its data")
