"""Free-form values (params, contexts): what may be in them, and how they become bytes.

A tree is None, bool, int of any size, float (NaN and infinities too), text, or lists and objects of trees; keys of
objects are text or integers. MessagePack has no integer beyond 64 bits, so such integers travel as an extension.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar, overload

import msgspec

from contracts.errors import ValidationFailed

Tree = Any
"""A value as described above; checked by `clean_tree` at the edge, trusted inside."""

MAX_DEPTH = 64
MAX_LEAVES = 100_000

_BIG_INT = 1
_T = TypeVar("_T")
_I64_MIN, _U64_MAX = -(1 << 63), (1 << 64) - 1


def clean_tree(value: Any) -> Tree:
    """A copy that holds nothing but trees: tuples become lists, lone surrogates become U+FFFD.

    Raises ValidationFailed for other types, more than 64 levels or more than 100,000 leaves.
    """
    return _Cleaner().clean(value, 0)


class _Cleaner:
    def __init__(self) -> None:
        self._leaves = 0

    def clean(self, value: Any, depth: int) -> Tree:
        if isinstance(value, str):
            return self._count(clean_text(value))
        if value is None or isinstance(value, bool | int | float):
            return self._count(value)
        if depth >= MAX_DEPTH:
            raise ValidationFailed(f"a value may not be nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, Mapping):
            self._count(None)
            return {self._key(k): self.clean(v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple):
            self._count(None)
            return [self.clean(v, depth + 1) for v in value]
        raise ValidationFailed(f"a value may not hold {type(value).__name__}")

    def _count(self, value: Tree) -> Tree:
        self._leaves += 1
        if self._leaves > MAX_LEAVES:
            raise ValidationFailed(f"a value may not hold more than {MAX_LEAVES} leaves")
        return value

    def _key(self, key: Any) -> str | int:
        if isinstance(key, str):
            return clean_text(key)
        if isinstance(key, int) and not isinstance(key, bool) and _I64_MIN <= key < 1 << 63:
            return key
        raise ValidationFailed("keys of objects must be text or 64-bit integers")


def clean_text(text: str) -> str:
    """Lone surrogates, which JSON escapes can bring in and UTF-8 cannot hold, become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def canonical_json(value: Tree) -> str:
    """Sorted keys, no spaces: two contexts are the same if and only if their canonical texts are equal."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pack(value: Any) -> bytes:
    """MessagePack of a tree or of a struct that holds trees."""
    try:
        return msgspec.msgpack.encode(value)
    except OverflowError:
        return msgspec.msgpack.encode(
            _with_big_ints(msgspec.to_builtins(value, builtin_types=(bytes,), str_keys=False))
        )


@overload
def unpack(data: bytes) -> Tree: ...
@overload
def unpack(data: bytes, type: type[_T]) -> _T: ...
def unpack(data: bytes, type: Any = Any) -> Any:
    """The inverse of `pack`. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return msgspec.msgpack.decode(data, type=type, ext_hook=read_extension)


def read_extension(code: int, data: memoryview) -> int:
    """msgspec's ext_hook: the only extension is the integer beyond 64 bits."""
    if code != _BIG_INT:
        raise msgspec.ValidationError(f"unknown extension {code}")
    return int.from_bytes(data, "big", signed=True)


def _with_big_ints(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _with_big_ints(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_with_big_ints(v) for v in value]
    if isinstance(value, int) and not _I64_MIN <= value <= _U64_MAX:
        return msgspec.msgpack.Ext(_BIG_INT, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    return value
