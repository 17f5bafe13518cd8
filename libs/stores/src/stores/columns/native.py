"""ClickHouse's Native format, for the few column types that the tables have. Holds no connection.

A block is the number of columns and of rows, then per column its name, its type and its values, little-endian and
without gaps. Read and written here because that is the fastest way between the engine and numpy (measured: a third
faster than Arrow), and the only one of clickhouse-connect's that does not import pandas (55 MB and 1.5 s at start).
Source: the format's documentation; LowCardinality as the engine writes it without a client protocol version.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]

_FIXED: dict[str, np.dtype[Any]] = {
    "UInt8": np.dtype("<u1"),
    "UInt64": np.dtype("<u8"),
    "Int64": np.dtype("<i8"),
    "Float64": np.dtype("<f8"),
}
_DICTIONARY_VERSION = 1
_INDEX_TYPES: tuple[np.dtype[Any], ...] = (np.dtype("<u1"), np.dtype("<u2"), np.dtype("<u4"), np.dtype("<u8"))
_INDEX_TYPE_MASK = 0xFF
_HAS_OWN_KEYS = 1 << 9
_HAS_SHARED_KEYS = 1 << 8
_VARINT_BITS = 7
_VARINT_MORE = 0x80


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Texts by number. `codes` has shape (n,) and points into `texts`, which may name one text twice."""

    texts: list[str]
    codes: NDArray[np.int64]


class NativeError(ValueError):
    """The bytes are not what this reader knows."""


def encode_block(columns: Mapping[str, Column | Sequence[str] | Sequence[bytes]]) -> bytes:
    """One block. Arrays are written as their own type, lists as String; all have one length."""
    rows = len(next(iter(columns.values())))
    pieces = [_varint(len(columns)), _varint(rows)]
    for name, values in columns.items():
        if isinstance(values, np.ndarray):
            kind = next(kind for kind, dtype in _FIXED.items() if dtype == values.dtype)
            pieces += [_text(name), _text(kind), np.ascontiguousarray(values).tobytes()]
        else:
            pieces += [_text(name), _text("String"), _strings(values)]
    return b"".join(pieces)


def _strings(values: Sequence[str] | Sequence[bytes]) -> bytes:
    """Names repeat, payloads do not."""
    known = {text: _text(text) for text in set(values) if isinstance(text, str)}
    return b"".join([known[one] if isinstance(one, str) else _varint(len(one)) + one for one in values])


def decode_blocks(data: bytes) -> dict[str, Column | TextColumn | list[bytes]]:
    """All blocks of an answer, joined by column; empty if the engine sent no block."""
    reader = _Reader(data)
    parts: dict[str, list[Any]] = {}
    while not reader.at_end:
        width, rows = reader.varint(), reader.varint()
        for _ in range(width):
            name, kind = reader.text(), reader.text()
            column = reader.column(kind, rows)
            parts.setdefault(name, []).append(column)
    return {name: _joined(chunks) for name, chunks in parts.items()}


def _joined(chunks: list[Any]) -> Column | TextColumn | list[bytes]:
    if isinstance(chunks[0], list):
        return [value for chunk in chunks for value in chunk]
    if isinstance(chunks[0], TextColumn):
        texts: list[str] = []
        codes = []
        for chunk in chunks:
            codes.append(chunk.codes + len(texts))
            texts += chunk.texts
        return TextColumn(texts, np.concatenate(codes))
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= _VARINT_MORE:
        out.append(value & (_VARINT_MORE - 1) | _VARINT_MORE)
        value >>= _VARINT_BITS
    out.append(value)
    return bytes(out)


def _text(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data)

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._take(1)[0]
            value |= (byte & (_VARINT_MORE - 1)) << shift
            if byte < _VARINT_MORE:
                return value
            shift += _VARINT_BITS

    def text(self) -> str:
        return self._take(self.varint()).decode()

    def column(self, kind: str, rows: int) -> Column | TextColumn | list[bytes]:
        if kind == "LowCardinality(String)":
            return self._dictionary(rows)
        if kind == "String":
            return [self._take(self.varint()) for _ in range(rows)]
        dtype = _FIXED.get(kind)
        if dtype is None:
            raise NativeError(f"column type {kind}")
        return self._array(dtype, rows)

    def _dictionary(self, rows: int) -> TextColumn:
        if rows == 0:
            return TextColumn([], np.zeros(0, np.int64))
        version, flags = self._integer(), self._integer()
        if version != _DICTIONARY_VERSION or flags & _HAS_SHARED_KEYS or not flags & _HAS_OWN_KEYS:
            raise NativeError(f"dictionary version {version}, flags {flags:#x}")
        texts = [self.text() for _ in range(self._integer())]
        if self._integer() != rows:
            raise NativeError("a dictionary column of another length than its block")
        codes = self._array(_INDEX_TYPES[flags & _INDEX_TYPE_MASK], rows)
        return TextColumn(texts, codes.astype(np.int64))

    def _array(self, dtype: np.dtype[Any], count: int) -> Column:
        return np.frombuffer(self._data, dtype, count, self._skip(count * dtype.itemsize))

    def _integer(self) -> int:
        (value,) = struct.unpack("<Q", self._take(8))
        return int(value)

    def _take(self, size: int) -> bytes:
        start = self._skip(size)
        return self._data[start : self._at]

    def _skip(self, size: int) -> int:
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise NativeError("the answer ends within a block")
        return start
