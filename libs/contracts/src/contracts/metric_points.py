"""The columns of a batch of metric points, and the compact bytes in which an event carries them."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import cramjam
import numpy as np
from numpy.typing import NDArray

from contracts.errors import InvalidEvent
from contracts.events.metrics import Point

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NEXT_STEP = -(1 << 63)
"""A step that the client left out: the fold puts the series' highest step plus one, or 0."""

MAX_POINTS_PER_EVENT = 16_384
"""36 bytes a point if nothing compresses: 590 KB, so that an event stays under a record's 1 MiB."""

_ITEM_BYTES = 8
_COLUMNS = 5
_LEVEL = 3

_of_thread = threading.local()

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MetricColumns:
    """Points of one run, in the order they were logged. All arrays have shape (n,).

    series: index into the event's series table. steps: as logged, or NEXT_STEP. values: unit as logged, NaN allowed.
    epochs: NaN where the client gave none. times: seconds UTC.
    """

    series: Integers
    steps: Integers
    values: Floats
    epochs: Floats
    times: Floats

    def __len__(self) -> int:
        return len(self.steps)

    def slice(self, start: int, stop: int) -> "MetricColumns":
        return MetricColumns(
            self.series[start:stop],
            self.steps[start:stop],
            self.values[start:stop],
            self.epochs[start:stop],
            self.times[start:stop],
        )


def pack_columns(columns: MetricColumns) -> bytes:
    """The bytes of an event: delta, byte planes, zstd. 9 bytes a point on noisy float64 curves; plain zstd takes 11."""
    words = np.empty((_COLUMNS, len(columns)), np.uint64)
    for row, column in zip(
        words, (columns.series, columns.steps, columns.values, columns.epochs, columns.times), strict=True
    ):
        row[:] = column.view(np.uint64)
    # All columns at once: a client's frame holds some tens of points, and each call of numpy costs a microsecond.
    deltas = words.copy()
    deltas[:, 1:] -= words[:, :-1]
    planes = deltas.view(np.uint8).reshape(_COLUMNS, -1, _ITEM_BYTES).transpose(0, 2, 1).tobytes()
    return _compressor().compress(planes, zstd.ZstdCompressor.FLUSH_FRAME)


def _compressor() -> zstd.ZstdCompressor:
    """One for each thread and for good: making one takes four times as long as the frame of a few points."""
    made: zstd.ZstdCompressor | None = getattr(_of_thread, "compressor", None)
    if made is None:
        made = _of_thread.compressor = zstd.ZstdCompressor(level=_LEVEL)
    return made


def listed_columns(points: Sequence[Point]) -> MetricColumns:
    """The columns of points that are listed."""
    return MetricColumns(
        np.array([point.series for point in points], np.int64),
        np.array([NEXT_STEP if point.step is None else point.step for point in points], np.int64),
        np.array([point.value for point in points], np.float64),
        np.array([np.nan if point.epoch is None else point.epoch for point in points], np.float64),
        np.array([point.time for point in points], np.float64),
    )


def unpack_columns(data: bytes, count: int) -> MetricColumns:
    """The columns of `count` points. Raises InvalidEvent if the bytes are not those of that many points."""
    if not 0 < count <= MAX_POINTS_PER_EVENT:
        raise InvalidEvent(f"an event may not hold {count} points")
    size = count * _ITEM_BYTES
    buffer = bytearray(size * _COLUMNS)
    try:
        # Into a buffer of the expected size: bytes that would unfold to more can take no memory.
        written = cramjam.zstd.decompress_into(data, buffer)
    except cramjam.DecompressionError as error:
        raise InvalidEvent(f"the points cannot be read: {error}") from error
    if written != len(buffer):
        raise InvalidEvent("the points are not of the length that the event names")
    planes = np.frombuffer(buffer, np.uint8).reshape(_COLUMNS, _ITEM_BYTES, count)
    deltas = planes.transpose(0, 2, 1).copy().view(np.uint64).reshape(_COLUMNS, count)
    series, steps, values, epochs, times = np.cumsum(deltas, axis=1)
    return MetricColumns(
        series.view(np.int64),
        steps.view(np.int64),
        values.view(np.float64),
        epochs.view(np.float64),
        times.view(np.float64),
    )
