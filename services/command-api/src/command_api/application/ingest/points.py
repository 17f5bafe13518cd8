"""Metric points of messages, gathered into the columns of as few events as the limits allow."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from command_api.application.ingest.limits import MAX_CONTEXT_BYTES, MAX_DTYPE, MAX_SERIES_TABLE_BYTES
from command_api.application.ingest.messages import LogMetric, LogMetrics, Points, SeriesEntry
from command_api.application.ingest.times import client_time, client_times
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
from contracts.trees import canonical_json, clean_text, clean_tree

_REMEMBERED_CONTEXT_BYTES = 256
_LISTED_POINTS = 16
"""Up to so many an event lists its points; more are columns, which take half the bytes and a fraction of the time.

Names and contexts of so few are always less than MAX_SERIES_TABLE_BYTES.
"""
_WAITING_POINTS = 4_096
"""Single points become columns at the latest when so many wait: as columns they take a fifth of the memory."""
_ENTRY_BYTES = 16
"""What MessagePack adds around a series' parts, at most."""


class PointBuffer:
    """Consecutive points of one request. `add` raises ValidationFailed and keeps nothing of a bad message."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._table: dict[tuple[str, str, str | None], int] = {}
        # As clients write them, before any check: most points repeat a series of the same request to the byte.
        self._seen: dict[tuple[str, bytes, str | None], int] = {}
        self._series: list[Series] = []
        self._blocks: list[MetricColumns] = []
        self._points: list[Point] = []
        self.first_index: int | None = None

    def add_point(self, index: int, message: LogMetric) -> None:
        time = client_time(message.client_datetime, self._now)
        # An object as value never comes here: it is no point.
        self._points.append(Point(self._number(message), message.step, message.value, message.epoch, time))  # type: ignore[arg-type]  # as just said
        self._begin(index)
        if len(self._points) == _WAITING_POINTS:
            self._flush_points()

    def add_columns(self, index: int, message: LogMetrics) -> None:
        columns = read_columns(message.points, len(message.series), self._now)
        entries = [checked_series(entry) for entry in message.series]
        if not len(columns):
            return
        numbers = np.array([self._number_of(*entry) for entry in entries], np.int64)
        self._flush_points()
        self._blocks.append(
            MetricColumns(numbers[columns.series], columns.steps, columns.values, columns.epochs, columns.times)
        )
        self._begin(index)

    def take(self) -> list[MetricsTracked | PointsTracked]:
        """The events of what was gathered since the last call, in order."""
        if self._points and len(self._points) <= _LISTED_POINTS and not self._blocks:
            listed = PointsTracked(series=tuple(self._series), points=tuple(self._points))
            self._clear()
            return [listed]
        self._flush_points()
        blocks, series = self._blocks, self._series
        self._clear()
        if not blocks:
            return []
        columns = blocks[0] if len(blocks) == 1 else _concatenate(blocks)
        return [event for chunk in _chunks(columns) for event in _events(chunk, series)]

    def _clear(self) -> None:
        self._points, self._blocks, self._series, self._table, self._seen = [], [], [], {}, {}
        self.first_index = None

    def _begin(self, index: int) -> None:
        if self.first_index is None:
            self.first_index = index

    def _number(self, message: LogMetric) -> int:
        try:
            written = msgspec.msgpack.encode(message.context) if message.context else b""
        except (OverflowError, UnicodeEncodeError):
            # An integer beyond 64 bits, or half a surrogate pair: rare, and only slower.
            return self._number_of(*checked_series(_entry_of(message)))
        key = (message.name, written, message.dtype)
        number = self._seen.get(key)
        if number is None:
            short = len(written) <= _REMEMBERED_CONTEXT_BYTES
            checked = _series_seen(*key) if short else checked_series(_entry_of(message))
            number = self._seen[key] = self._number_of(*checked)
        return number

    def _number_of(self, name: str, context: dict[str, Any], canonical: str, dtype: str | None) -> int:
        key = (name, canonical, dtype)
        number = self._table.get(key)
        if number is None:
            number = self._table[key] = len(self._series)
            self._series.append(Series(name, context, dtype))
        return number

    def _flush_points(self) -> None:
        if self._points:
            self._blocks.append(listed_columns(self._points))
            self._points = []


def _entry_of(message: LogMetric) -> SeriesEntry:
    return SeriesEntry(message.name, message.context, message.dtype)


@lru_cache(maxsize=4096)
def _series_seen(name: str, context: bytes, dtype: str | None) -> tuple[str, dict[str, Any], str, str | None]:
    """`checked_series` for a context as MessagePack; remembered, since each frame of a client names the same series."""
    return checked_series(SeriesEntry(name, msgspec.msgpack.decode(context) if context else None, dtype))


def checked_series(entry: SeriesEntry) -> tuple[str, dict[str, Any], str, str | None]:
    """Name, context, the context's canonical text, dtype. Raises ValidationFailed."""
    name, dtype = clean_text(entry.name), entry.dtype
    if dtype is not None:
        dtype = clean_text(dtype)[:MAX_DTYPE]
    if not entry.context:
        return name, {}, "", dtype
    context = clean_tree(entry.context)
    canonical = canonical_json(context)
    if len(canonical.encode()) > MAX_CONTEXT_BYTES:
        raise ValidationFailed(f"a context may not be larger than {MAX_CONTEXT_BYTES} bytes")
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


def _events(chunk: MetricColumns, series: Sequence[Series]) -> Iterator[MetricsTracked]:
    """One event, or more where the names and contexts of its series would be too many bytes for one."""
    if len(series) == 1:
        # As most frames of clients: sorting would cost more than all the rest.
        yield MetricsTracked(series=tuple(series), count=len(chunk), points=pack_columns(chunk))
        return
    used, local = np.unique(chunk.series, return_inverse=True)
    table = tuple(series[number] for number in used.tolist())
    if len(table) > 1 and _table_bytes(table) > MAX_SERIES_TABLE_BYTES:
        middle = len(chunk) // 2
        yield from _events(chunk.slice(0, middle), series)
        yield from _events(chunk.slice(middle, len(chunk)), series)
        return
    columns = MetricColumns(local.astype(np.int64), chunk.steps, chunk.values, chunk.epochs, chunk.times)
    yield MetricsTracked(series=table, count=len(columns), points=pack_columns(columns))


def _table_bytes(table: Sequence[Series]) -> int:
    return sum(
        len(s.name.encode()) + len(canonical_json(s.context).encode()) + len((s.dtype or "").encode()) + _ENTRY_BYTES
        for s in table
    )
