"""Framing: records to bytes and back, plain for browsers and with the blob flag for the Aim SDK."""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from numpy.typing import NDArray

from contracts.aimcodec.arrays import NumericArray
from contracts.aimcodec.errors import CorruptRecords, UnsupportedValue
from contracts.aimcodec.paths import Key, encode_path, member_components
from contracts.aimcodec.trees import Blob, TypedObject, encode_leaf, index_components, leaves
from contracts.aimcodec.values import encode_integer, encode_value, text_to_utf8

Part = bytes | memoryview

_U32: Final = struct.Struct("<I")
_FRAMED_INTEGER: Final = struct.Struct("<IBq")
_FRAMED_FLOAT: Final = struct.Struct("<IBd")
_FRAMED_HEAD: Final = struct.Struct("<IB")
_HEADER_BYTES: Final = 4
_FRAMED_NULL: Final = b"\x01\x00\x00\x00\x00"
_FRAMED_FALSE: Final = b"\x02\x00\x00\x00\x01\x00"
_FRAMED_TRUE: Final = b"\x02\x00\x00\x00\x01\x01"
_FRAMED_ARRAY: Final = b"\x01\x00\x00\x00\x06"
_FRAMED_OBJECT: Final = b"\x01\x00\x00\x00\x07"
_ARRAY_TYPE: Final = b"type\xfe\x06\x00\x00\x00\x04numpy"
_ARRAY_SHAPE: Final = b"shape\xfe"
_ARRAY_DTYPE: Final = b"dtype\xfe\x08\x00\x00\x00\x04float64"
_ARRAY_BLOB: Final = b"blob\xfe"
# Browsers read integers in paths with 32-bit shifts.
_BROWSERS_HIGHEST_KEY: Final = (1 << 31) - 1


def encode_records(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Encoded keys and values, each behind its length."""
    return b"".join(part for record in pairs for field in record for part in (_U32.pack(len(field)), field))


def encode_tree(tree: object, prefix: Iterable[Key] = ()) -> bytes:
    """Records of a tree at a path, as browsers want them: one frame, or a piece of one.

    Equal to `encode_records(flatten(tree, encode_path(prefix)))` but for integer keys of objects that browsers would
    misread (outside 0 to 2^31 - 1): they are sent as decimal text. Frames need nothing between them, so the pieces of
    one frame may be encoded apart and put one after the other, parents first, arrays as a whole.
    Raises UnsupportedValue for what has no form on the wire, TypedObject and Blob included.
    """
    parts: list[Part] = []
    write, frame_of, length = parts.append, _FRAMES.get, _U32.pack  # local names: this loop is hot
    branches: list[tuple[bytes, Iterator[tuple[bytes, object]]]] = [(encode_path(prefix), iter([(b"", tree)]))]
    while branches:
        path, members = branches[-1]
        for component, node in members:
            key = path + component
            frame = frame_of(type(node))
            if frame is not None:
                write(length(len(key)) + key + frame(node))
                continue
            inner = _open(node, key, write)
            if inner is not None:
                branches.append((key, iter(inner)))
                break
        else:
            branches.pop()
    return b"".join(parts)


def _frame_text(text: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        content = text_to_utf8(text)
    return _FRAMED_HEAD.pack(len(content) + 1, 4) + content


def _frame_bytes(data: bytes) -> bytes:
    return _FRAMED_HEAD.pack(len(data) + 1, 5) + data


def _frame_integer(number: int) -> bytes:
    try:
        return _FRAMED_INTEGER.pack(9, 2, number)
    except struct.error:
        return _FRAMED_HEAD.pack(9, 3) + encode_integer(number)[1:]


# By exact type, for speed; subclasses and numpy's scalars go through `encode_value`.
_FRAMES: Final[dict[type, Callable[[Any], bytes]]] = {
    str: _frame_text,
    int: _frame_integer,
    float: lambda number: _FRAMED_FLOAT.pack(9, 3, number),
    bool: lambda flag: _FRAMED_TRUE if flag else _FRAMED_FALSE,
    type(None): lambda _: _FRAMED_NULL,
    bytes: _frame_bytes,
}


def _open(node: object, key: bytes, write: Callable[[Part], None]) -> Iterable[tuple[bytes, object]] | None:
    """Write the record that a container, or an unusual scalar, has at its own path; give the members still to write."""
    if isinstance(node, Mapping):
        if node:
            return zip(_object_components(node), node.values(), strict=True)
        write(_U32.pack(len(key)) + key + _FRAMED_OBJECT)
    elif isinstance(node, list | tuple | Iterator):
        write(_U32.pack(len(key)) + key + _FRAMED_ARRAY)
        return zip(index_components(), node, strict=False)
    elif isinstance(node, NumericArray):
        _write_numeric_array(node.values, key, write)
    elif isinstance(node, TypedObject | Blob):
        raise UnsupportedValue(f"browsers do not know {type(node).__name__}: send plain objects")
    else:
        value = encode_value(node)
        write(_U32.pack(len(key)) + key + _U32.pack(len(value)) + value)
    return None


def _object_components(members: Mapping[Any, object]) -> list[bytes]:
    return member_components(members.keys(), lowest=0, highest=_BROWSERS_HIGHEST_KEY)


def _write_numeric_array(values: NDArray[Any], key: bytes, write: Callable[[Part], None]) -> None:
    four = _U32.pack(len(key) + 5) + key
    five = _U32.pack(len(key) + 6) + key
    shape = _ARRAY_SHAPE + _FRAMED_INTEGER.pack(9, 2, len(values))
    blob = _ARRAY_BLOB + _FRAMED_HEAD.pack(values.nbytes + 1, 5)
    write(b"".join((four, _ARRAY_TYPE, five, shape, five, _ARRAY_DTYPE, four, blob)))
    write(values.data)


def encode_flagged_records(records: Iterable[tuple[bytes, bool, bytes]]) -> bytes:
    """Encoded keys, blob flags and values of the Aim SDK's form: key length, key, flag byte, value length, value."""
    return b"".join(
        part
        for key, is_blob, value in records
        for part in (_U32.pack(len(key)), key, bytes((is_blob,)), _U32.pack(len(value)), value)
    )


def encode_flagged_tree(tree: object) -> bytes:
    """A tree in the Aim SDK's form; leaves of type Blob carry the flag, objects of its classes are TypedObject."""
    return encode_flagged_records((path, isinstance(leaf, Blob), encode_leaf(leaf)) for path, leaf in leaves(tree))


class _FrameReader:
    """Cuts bytes that arrive in any pieces into records; `between` bytes stand behind each key."""

    def __init__(self, between: int) -> None:
        self._between = between
        self._waiting = bytearray()

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Key, bytes between, and value of every record that the chunk completes. Exhaust it before the next call."""
        data = self._waiting
        data += chunk
        start = 0
        while (record := self._record(data, start)) is not None:
            key_end, value_start, end = record
            between = bytes(data[key_end : key_end + self._between])
            yield bytes(data[start + _HEADER_BYTES : key_end]), between, bytes(data[value_start:end])
            start = end
        del data[:start]

    def _record(self, data: bytearray, start: int) -> tuple[int, int, int] | None:
        """Ends of key, header and value of the record at `start`; None while a part of it is missing."""
        if len(data) < start + _HEADER_BYTES:
            return None
        key_end: int = start + _HEADER_BYTES + _U32.unpack_from(data, start)[0]
        value_start = key_end + self._between + _HEADER_BYTES
        if len(data) < value_start:
            return None
        end: int = value_start + _U32.unpack_from(data, value_start - _HEADER_BYTES)[0]
        return (key_end, value_start, end) if len(data) >= end else None

    def close(self) -> None:
        """Say that nothing more comes. Raises CorruptRecords when a record is not complete."""
        if self._waiting:
            raise CorruptRecords(f"the stream ends inside a record, {len(self._waiting)} bytes after its start")


class RecordDecoder:
    """Plain records from a stream that arrives in pieces of any size; for readers that cannot hand over an iterable."""

    def __init__(self) -> None:
        self._reader = _FrameReader(between=0)

    def feed(self, chunk: bytes) -> list[tuple[bytes, bytes]]:
        """Key and value of every record that the chunk completes."""
        return [(key, value) for key, _, value in self._reader.feed(chunk)]

    def close(self) -> None:
        """Say that nothing more comes. Raises CorruptRecords when a record is not complete."""
        self._reader.close()


def decode_records(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values, still encoded, as they become complete.

    chunks: the body in pieces of any size. Raises CorruptRecords after the last whole record when the body is cut.
    """
    decoder = RecordDecoder()
    for chunk in chunks:
        yield from decoder.feed(chunk)
    decoder.close()


def decode_flagged_records(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool, bytes]]:
    """As `decode_records`, for the Aim SDK's form: key, blob flag, value. Any flag byte but 0 is a flag."""
    reader = _FrameReader(between=1)
    for chunk in chunks:
        for key, flag, value in reader.feed(chunk):
            yield key, flag != b"\x00", value
    reader.close()
