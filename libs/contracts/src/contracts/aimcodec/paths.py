"""Keys of records: the path from the root of a tree, each component closed by byte FE."""

import struct
from collections.abc import Collection, Iterable
from typing import Final

from contracts.aimcodec.errors import CorruptRecords, UnsupportedValue
from contracts.aimcodec.values import text_to_utf8

Key = str | int
Path = tuple[Key, ...]

END: Final = b"\xfe"
EMPTY_KEY: Final = "(empty)"

_END_BYTE: Final = 0xFE
_INTEGER: Final = struct.Struct(">BqB")
_INTEGER_BYTES: Final = 10
_I64_MIN: Final = -(1 << 63)
_I64_MAX: Final = (1 << 63) - 1


def encode_key(key: object) -> bytes:
    """One component of a path.

    Text is UTF-8 and FE; an integer is FE, 8 bytes big-endian two's complement, FE. Empty text cannot be told from
    the start of an integer, so it is sent as `(empty)`. An integer beyond signed 64 bit is sent as its decimal text.
    Raises UnsupportedValue for a key that is neither text nor integer.
    """
    if isinstance(key, str):
        return text_to_utf8(key or EMPTY_KEY) + END
    if not isinstance(key, int):
        raise UnsupportedValue(f"a key of type {type(key).__name__} has no form in a path")
    try:
        return _INTEGER.pack(_END_BYTE, key, _END_BYTE)
    except struct.error:
        return str(key).encode() + END


def encode_path(path: Iterable[Key]) -> bytes:
    """Components one after the other; the empty path, of the root, is no bytes."""
    return b"".join(map(encode_key, path))


def decode_path(data: bytes) -> Path:
    """Components of a path. Raises CorruptRecords when the last one is cut or a text is not UTF-8."""
    keys: list[Key] = []
    position = 0
    while position < len(data):
        if data[position] == _END_BYTE:
            end = position + _INTEGER_BYTES
            if end > len(data) or data[end - 1] != _END_BYTE:
                raise CorruptRecords("an integer in a path is cut")
            keys.append(int.from_bytes(data[position + 1 : end - 1], "big", signed=True))
        else:
            end = data.find(END, position) + 1
            if not end:
                raise CorruptRecords("a text in a path has no end")
            try:
                keys.append(data[position : end - 1].decode())
            except UnicodeDecodeError as error:
                raise CorruptRecords("a text in a path is not UTF-8") from error
        position = end
    return tuple(keys)


def member_components(keys: Collection[object], *, lowest: int = _I64_MIN, highest: int = _I64_MAX) -> list[bytes]:
    """One component for each key of one object, in order and all different.

    Integer keys outside `lowest` to `highest` are sent as their decimal text. Two keys may then want one component
    (`""` beside `"(empty)"`): readers break on a key that comes twice, so the later one gets apostrophes.
    Raises UnsupportedValue as `encode_key` does.
    """
    if "" not in keys:
        try:
            return [key.encode() + END for key in keys]  # type: ignore[attr-defined]  # other types land in except
        except (AttributeError, UnicodeEncodeError):
            pass  # an integer or a surrogate among them: the way below knows what to do
    components: dict[bytes, None] = {}
    for key in keys:
        outside = isinstance(key, int) and not lowest <= key <= highest
        component = encode_key(str(key) if outside else key)
        while component in components:
            component = component[:-1] + b"'" + END
        components[component] = None
    return list(components)
