"""The columns of a batch of metric points, and the compact bytes in which an event carries them."""

from dataclasses import dataclass

import cramjam
import numpy as np
from numpy.typing import NDArray

from contracts.errors import InvalidEvent

NEXT_STEP = -(1 << 63)
"""A step that the client left out: the fold puts the series' highest step plus one, or 0."""

MAX_POINTS_PER_EVENT = 16_384
"""36 bytes a point if nothing compresses: 590 KB, so that an event stays under a record's 1 MiB."""

_ITEM_BYTES = 8
_COLUMNS = 5
_LEVEL = 3

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
    """Delta, byte planes, zstd: 9 bytes a point on noisy float64 curves, where plain zstd takes 11."""
    planes = b"".join(
        _to_planes(column) for column in (columns.series, columns.steps, columns.values, columns.epochs, columns.times)
    )
    return bytes(cramjam.zstd.compress(planes, _LEVEL))


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
    planes = np.frombuffer(buffer, np.uint8)
    integers = [_from_planes(planes[i * size : (i + 1) * size], count) for i in range(_COLUMNS)]
    return MetricColumns(
        integers[0],
        integers[1],
        integers[2].view(np.float64),
        integers[3].view(np.float64),
        integers[4].view(np.float64),
    )


def _to_planes(column: Integers | Floats) -> bytes:
    words = np.ascontiguousarray(column).view(np.uint64)
    deltas = np.empty_like(words)
    deltas[0] = words[0]
    np.subtract(words[1:], words[:-1], out=deltas[1:])
    return np.ascontiguousarray(deltas.view(np.uint8).reshape(-1, _ITEM_BYTES).T).tobytes()


def _from_planes(planes: NDArray[np.uint8], count: int) -> Integers:
    deltas = np.ascontiguousarray(planes.reshape(_ITEM_BYTES, count).T).view(np.uint64).reshape(count)
    return np.cumsum(deltas, dtype=np.uint64).view(np.int64)
