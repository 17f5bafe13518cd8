"""Metric points of messages, gathered into the columns of as few events as the limits allow."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from command_api.application.ingest.limits import MAX_DTYPE, MAX_SERIES_TABLE_BYTES
from command_api.application.ingest.messages import LogMetric, LogMetrics, Points, SeriesEntry
from command_api.application.ingest.times import client_time, client_times
from contracts.contexts import clean_context
from contracts.envelope import MAX_PARTS
from contracts.errors import ValidationFailed
from contracts.events import MetricsTracked, Point, PointsTracked, Series
from contracts.events.metrics import STEP_LIMIT
from contracts.metric_points import (
    MAX_POINTS_PER_EVENT,
    NEXT_STEP,
    Floats,
    Integers,
    MetricColumns,
    listed_columns,
    pack_columns,
)
from contracts.trees import clean_text

_REMEMBERED_CONTEXT_BYTES = 256
_LISTED_POINTS = 16
"""Up to so many an event lists its points; more are columns, which take half the bytes and a fraction of the time.

Names and contexts of so few are always less than MAX_SERIES_TABLE_BYTES.
"""
_WAITING_POINTS = 4_096
"""Single points become columns at the latest when so many wait: as columns they take a fifth of the memory."""
_ENTRY_BYTES = 16
"""What MessagePack adds around a series' parts, at most."""
_MAX_TYPES_BYTES = MAX_SERIES_TABLE_BYTES // 3
"""Of all entries of one series in one message: its points keep their order, so no table may be full of it alone."""


class PointBuffer:
    """Consecutive points of one request. `add` raises ValidationFailed and keeps nothing of a bad message."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._lots: list[_Lot] = []
        self._lot = _Lot()

    def add_point(self, index: int, message: LogMetric) -> None:
        time = client_time(message.client_datetime, self._now)
        if self._lot.is_full:
            self._next_lot()
        self._lot.add_point(index, message, time)

    def add_columns(self, index: int, message: LogMetrics) -> None:
        columns = read_columns(message.points, len(message.series), self._now)
        entries = [_entry(series) for series in message.series]
        if not len(columns):
            return
        table_bytes = sum(entry.size for entry in entries)
        if table_bytes > _MAX_TYPES_BYTES:
            _check_types(entries)
        if _most_events(len(columns), table_bytes) > MAX_PARTS:
            raise ValidationFailed(
                f"{len(columns)} points of {len(entries)} series would become more than {MAX_PARTS} events: "
                "they may come in several messages"
            )
        if self._lot.most_events(len(columns), table_bytes) > MAX_PARTS:
            self._next_lot()
        self._lot.add_columns(index, entries, columns)

    def take(self) -> list[tuple[int, Sequence[MetricsTracked | PointsTracked]]]:
        """The events of what was gathered since the last call, in order.

        Those that one index can count, with the index of their first message; nearly always that is all.
        """
        self._next_lot()
        lots, self._lots = self._lots, []
        return [(lot.first_index, lot.events()) for lot in lots]

    def _next_lot(self) -> None:
        if not self._lot.is_empty:
            self._lots.append(self._lot)
            self._lot = _Lot()


class _Entry(NamedTuple):
    """As `checked_series` gives it. size: bytes in an event's table, at most."""

    name: str
    context: dict[str, Any]
    canonical: str
    dtype: str | None
    size: int


class _Lot:
    """Points that share events, so few that their events are parts of one index."""

    def __init__(self) -> None:
        self.first_index = 0
        self.is_full = False
        self._table: dict[tuple[str, str, str | None], int] = {}
        # As clients write them, before any check: most points repeat a series of the same request to the byte.
        self._seen: dict[tuple[str, bytes, str | None], int] = {}
        self._entries: list[_Entry] = []
        self._table_bytes = 0
        self._count = 0
        """Of the points in blocks."""
        self._blocks: list[MetricColumns] = []
        self._points: list[Point] = []

    @property
    def is_empty(self) -> bool:
        return not self._blocks and not self._points

    def most_events(self, more_points: int, more_bytes: int) -> int:
        return _most_events(self._count + len(self._points) + more_points, self._table_bytes + more_bytes)

    def add_point(self, index: int, message: LogMetric, time: float) -> None:
        number = self._number(message)
        if not self._points and not self._blocks:
            self.first_index = index
        # An object as value never comes here: it is no point.
        self._points.append(Point(number, message.step, message.value, message.epoch, time))  # type: ignore[arg-type]  # as just said
        if len(self._points) == _WAITING_POINTS:
            self._flush_points()

    def add_columns(self, index: int, entries: Sequence[_Entry], columns: MetricColumns) -> None:
        if self.is_empty:
            self.first_index = index
        numbers = np.array([self._number_of(entry) for entry in entries], np.int64)
        self._flush_points()
        self._add_block(
            MetricColumns(numbers[columns.series], columns.steps, columns.values, columns.epochs, columns.times)
        )

    def events(self) -> Sequence[MetricsTracked | PointsTracked]:
        if len(self._points) <= _LISTED_POINTS and not self._blocks:
            return [PointsTracked(series=tuple(map(_series_of, self._entries)), points=tuple(self._points))]
        self._flush_points()
        columns = self._blocks[0] if len(self._blocks) == 1 else _concatenate(self._blocks)
        self._blocks = []
        if self._table_bytes <= MAX_SERIES_TABLE_BYTES:
            return [_event(chunk, self._entries) for chunk in _chunks(columns)]
        return [_event(chunk, self._entries) for chunk in _chunks_by_series(columns, self._entries)]

    def _number(self, message: LogMetric) -> int:
        try:
            written = msgspec.msgpack.encode(message.context) if message.context else b""
        except (OverflowError, TypeError, UnicodeEncodeError):
            # An integer beyond 64 bits, half a surrogate pair, or what no context may hold: rare, and only slower.
            return self._number_of(_entry(_series_entry(message)))
        key = (message.name, written, message.dtype)
        number = self._seen.get(key)
        if number is None:
            short = len(written) <= _REMEMBERED_CONTEXT_BYTES
            entry = _entry_seen(*key) if short else _entry(_series_entry(message))
            number = self._seen[key] = self._number_of(entry)
        return number

    def _number_of(self, entry: _Entry) -> int:
        key = (entry.name, entry.canonical, entry.dtype)
        number = self._table.get(key)
        if number is None:
            number = self._table[key] = len(self._entries)
            self._entries.append(entry)
            self._table_bytes += entry.size
            self._look_whether_full()
        return number

    def _flush_points(self) -> None:
        if self._points:
            points, self._points = self._points, []
            self._add_block(listed_columns(points))

    def _add_block(self, columns: MetricColumns) -> None:
        self._blocks.append(columns)
        self._count += len(columns)
        self._look_whether_full()

    def _look_whether_full(self) -> None:
        """At half the events that there may be: single points add far less than the rest until the next look."""
        self.is_full = _most_events(self._count, self._table_bytes) > MAX_PARTS // 2


def _most_events(points: int, table_bytes: int) -> int:
    """A bound: an event is full of points, or the next entry would not fit into its table any more.

    One entry has less than 16 KiB, those of one series that may have to be named again less than a third of a table: so
    each table that is full names more than half of its bytes for the first time.
    """
    return points // MAX_POINTS_PER_EVENT + 2 * table_bytes // MAX_SERIES_TABLE_BYTES + 1


def _series_entry(message: LogMetric) -> SeriesEntry:
    return SeriesEntry(message.name, message.context, message.dtype)


@lru_cache(maxsize=4096)
def _entry_seen(name: str, context: bytes, dtype: str | None) -> _Entry:
    """`_entry` for a context as MessagePack; remembered, since each frame of a client names the same series."""
    return _entry(SeriesEntry(name, msgspec.msgpack.decode(context) if context else None, dtype))


def _entry(series: SeriesEntry) -> _Entry:
    """Raises ValidationFailed."""
    name, context, canonical, dtype = checked_series(series)
    size = len(name.encode()) + len(canonical.encode()) + len((dtype or "").encode()) + _ENTRY_BYTES
    return _Entry(name, context, canonical, dtype, size)


def _check_types(entries: Sequence[_Entry]) -> None:
    """Raises ValidationFailed for a series under so many types that a few of its points might name a whole table."""
    sizes: Counter[tuple[str, str]] = Counter()
    for entry in {(e.name, e.canonical, e.dtype): e for e in entries}.values():
        sizes[entry.name, entry.canonical] += entry.size
    if max(sizes.values()) > _MAX_TYPES_BYTES:
        raise ValidationFailed("one series may not be logged under so many types in one message")


def checked_series(entry: SeriesEntry) -> tuple[str, dict[str, Any], str, str | None]:
    """Name, context, the context's canonical text, dtype. Raises ValidationFailed."""
    name, dtype = clean_text(entry.name), entry.dtype
    if dtype is not None:
        dtype = clean_text(dtype)[:MAX_DTYPE]
    if not entry.context:
        return name, {}, "", dtype
    context, canonical = clean_context(entry.context)
    return name, context, canonical, dtype


def read_columns(points: Points, table_length: int, now: float) -> MetricColumns:
    """The columns of a message. Raises ValidationFailed if their lengths differ or a value is out of bounds."""
    values = _floats(points.value, "value")
    count = len(values)
    series = _series(points.series, table_length, count)
    steps = _steps(points.step, count)
    epochs = _epochs(points.epoch, count)
    times = _times(points.client_datetime, count, now)
    for name, column in (("series", series), ("step", steps), ("epoch", epochs), ("client_datetime", times)):
        if len(column) != count:
            raise ValidationFailed(f"points.{name} has {len(column)} entries, points.value has {count}")
    if count and not (series.min() >= 0 and series.max() < table_length):
        raise ValidationFailed("points.series names a series that is not in the table")
    return MetricColumns(series, steps, values, epochs, times)


def _binary(data: bytes, kind: str, name: str) -> NDArray[Any]:
    try:
        return np.frombuffer(data, kind)
    except ValueError:
        raise ValidationFailed(f"points.{name} is not a whole number of {kind} values") from None


def _floats(column: Sequence[float] | bytes, name: str) -> Floats:
    if isinstance(column, bytes):
        return _binary(column, "<f8", name)
    return np.array(column, np.float64)


def _series(column: list[int] | bytes | None, table_length: int, count: int) -> Integers:
    if column is None:
        if table_length != 1:
            raise ValidationFailed("points.series may be left out for exactly one series")
        return np.zeros(count, np.int64)
    if isinstance(column, bytes):
        return _binary(column, "<u4", "series").astype(np.int64)
    return _integers(column, "series")


def _integers(column: Sequence[int], name: str) -> Integers:
    try:
        return np.array(column, np.int64)
    except OverflowError:
        raise ValidationFailed(f"points.{name} holds an integer beyond 64 bits") from None


def _steps(column: Sequence[int | None] | bytes | None, count: int) -> Integers:
    if column is None:
        return np.full(count, NEXT_STEP, np.int64)
    if isinstance(column, bytes):
        steps: Integers = _binary(column, "<i8", "step").astype(np.int64)
        if len(steps) and not (steps.min() >= -STEP_LIMIT and steps.max() <= STEP_LIMIT):
            raise ValidationFailed("points.step holds a step beyond 2^53")
        return steps
    return _integers([NEXT_STEP if step is None else step for step in column], "step")


def _epochs(column: Sequence[float | None] | bytes | None, count: int) -> Floats:
    if column is None:
        return np.full(count, np.nan)
    if isinstance(column, bytes):
        return _binary(column, "<i8", "epoch").astype(np.float64)
    return np.array([np.nan if epoch is None else epoch for epoch in column], np.float64)


def _times(column: Sequence[float | str | None] | bytes | None, count: int, now: float) -> Floats:
    if column is None:
        return np.full(count, now)
    if isinstance(column, bytes):
        return client_times(_binary(column, "<f8", "client_datetime"), now)
    return np.array([client_time(time, now) for time in column], np.float64)


def _concatenate(blocks: Sequence[MetricColumns]) -> MetricColumns:
    return MetricColumns(
        np.concatenate([b.series for b in blocks]),
        np.concatenate([b.steps for b in blocks]),
        np.concatenate([b.values for b in blocks]),
        np.concatenate([b.epochs for b in blocks]),
        np.concatenate([b.times for b in blocks]),
    )


def _chunks(columns: MetricColumns) -> Iterator[MetricColumns]:
    if len(columns) <= MAX_POINTS_PER_EVENT:
        yield columns
        return
    for start in range(0, len(columns), MAX_POINTS_PER_EVENT):
        yield columns.slice(start, start + MAX_POINTS_PER_EVENT)


def _chunks_by_series(columns: MetricColumns, entries: Sequence[_Entry]) -> Iterator[MetricColumns]:
    """For names and contexts that are too many bytes for one event: points arranged by series.

    In the order of logging nearly every event might have to name nearly every series. Points of one series keep their
    order, whatever types they are logged with; series come in the order of their first points, so that the first point
    stays the first.
    """
    numbers: dict[tuple[str, str], int] = {}
    same = np.array([numbers.setdefault((e.name, e.canonical), n) for n, e in enumerate(entries)], np.int64)
    series = same[columns.series]
    first = np.empty(len(entries), np.int64)
    # Backwards, so that the first point of a series is what stays.
    first[series[::-1]] = np.arange(len(series) - 1, -1, -1)
    order = np.argsort(first[series], kind="stable")
    arranged = MetricColumns(
        columns.series[order], columns.steps[order], columns.values[order], columns.epochs[order], columns.times[order]
    )
    yield from _cut_by_tables(arranged, [entry.size for entry in entries])


def _cut_by_tables(arranged: MetricColumns, sizes: Sequence[int]) -> Iterator[MetricColumns]:
    """sizes: bytes of each entry of the table."""
    start, table, filled = 0, set[int](), 0
    # Where the entry changes; a series that is logged with two types may change to and fro.
    changes = np.flatnonzero(np.concatenate(([True], arranged.series[1:] != arranged.series[:-1])))
    for at, entry in zip(changes.tolist(), arranged.series[changes].tolist(), strict=True):
        if entry in table:
            continue
        if table and filled + sizes[entry] > MAX_SERIES_TABLE_BYTES:
            yield from _chunks(arranged.slice(start, at))
            start, table, filled = at, set(), 0
        table.add(entry)
        filled += sizes[entry]
    yield from _chunks(arranged.slice(start, len(arranged)))


def _event(chunk: MetricColumns, entries: Sequence[_Entry]) -> MetricsTracked:
    if len(entries) == 1:
        # As most frames of clients: sorting would cost more than all the rest.
        return MetricsTracked(series=(_series_of(entries[0]),), count=len(chunk), points=pack_columns(chunk))
    used, local = np.unique(chunk.series, return_inverse=True)
    columns = MetricColumns(local.astype(np.int64), chunk.steps, chunk.values, chunk.epochs, chunk.times)
    table = tuple(_series_of(entries[number]) for number in used.tolist())
    return MetricsTracked(series=table, count=len(columns), points=pack_columns(columns))


def _series_of(entry: _Entry) -> Series:
    return Series(entry.name, entry.context, entry.dtype)
