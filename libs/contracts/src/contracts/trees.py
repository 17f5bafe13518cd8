"""Free-form values (params, contexts): what may be in them, and how they become bytes.

A tree is None, bool, int of up to 4,300 digits, float (NaN and infinities too), text, or lists and objects of trees;
keys of objects are text or integers. MessagePack has no integer beyond 64 bits, so such integers travel as an
extension, and so does a `StoredValue`: the claim check for a value that is too large for an event and lies in the blob
store.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, overload

import msgspec

from contracts.errors import ValidationFailed

Tree = Any
"""A value as described above; checked by `clean_tree` at the edge, trusted inside."""

MAX_DEPTH = 64
MAX_LEAVES = 100_000

MAX_INT_DIGITS = 4_300
"""Python's own bound: it makes no text of a longer integer, so no answer could show one."""
INT_END = 10**MAX_INT_DIGITS
"""The first integer that is too long; readers of JSON put it in place of a longer one, which they cannot make."""

MAX_INLINE_BYTES = 256 << 10
"""A single value whose MessagePack is larger is stored as a blob before the append; the event holds a StoredValue."""

BIG_INT = 1
"""Code of the extension that is an integer beyond 64 bits: signed, big-endian."""
_STORED_VALUE = 2
_DIGEST_BYTES = 32
_T = TypeVar("_T")
_I64_MIN, _U64_MAX = -(1 << 63), (1 << 64) - 1


class StoredValue:
    """Stands in a tree for a value that lies in the blob store, under `contracts.keys.blob_key` of its run, or
    `shared_blob_key` if the value belongs to no run.

    hash: SHA-256, in hexadecimal digits, of the blob's bytes, which are `pack(value)`. size: of those bytes. kind: the
    name of the value's Python type. Only the command side makes one; `clean_tree` lets no client send one.
    """

    # No msgspec.Struct: that would be packed as an object, and nothing would tell it from an object of a client's.
    __slots__ = ("hash", "kind", "size")

    def __init__(self, hash: str, size: int, kind: str) -> None:
        self.hash = hash
        self.size = size
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredValue) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"StoredValue({self.hash!r}, {self.size}, {self.kind!r})"

    def _fields(self) -> tuple[str, int, str]:
        return self.hash, self.size, self.kind


def set_aside(value: Tree) -> tuple[StoredValue, bytes]:
    """What stands for a value, and the bytes to store before anything that holds it is appended."""
    data = pack(value)
    return StoredValue(content_hash(data), len(data), type(value).__name__), data


def content_hash(data: bytes) -> str:
    """The name of a blob by its content."""
    return hashlib.sha256(data).hexdigest()


def stored_values(tree: Tree) -> Iterator[StoredValue]:
    """Every claim check in a tree; the same one may come more than once."""
    if isinstance(tree, StoredValue):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from stored_values(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from stored_values(value)


def with_values(tree: Tree, values: Mapping[StoredValue, Tree]) -> Tree:
    """A copy in which every claim check is replaced by its value. Raises KeyError for one that has none."""
    if isinstance(tree, StoredValue):
        return values[tree]
    if isinstance(tree, dict):
        return {key: with_values(value, values) for key, value in tree.items()}
    if isinstance(tree, list):
        return [with_values(value, values) for value in tree]
    return tree


def clean_tree(value: Any) -> Tree:
    """A copy that holds nothing but trees: tuples become lists, lone surrogates become U+FFFD.

    Raises ValidationFailed for other types, longer integers, more than 64 levels or more than 100,000 leaves.
    """
    return _Cleaner().clean(value, 0)


class _Cleaner:
    def __init__(self) -> None:
        self._leaves = 0

    def clean(self, value: Any, depth: int) -> Tree:
        if isinstance(value, str):
            return self._count(clean_text(value))
        if isinstance(value, int) and not -INT_END < value < INT_END:
            raise ValidationFailed(f"an integer may have {MAX_INT_DIGITS} digits")
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
    """Sorted keys, no spaces: two contexts are the same if and only if their canonical texts are equal.

    Raises TypeError where an object has text and integers as keys: nothing orders those.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pack(value: Any) -> bytes:
    """MessagePack of a tree or of a struct that holds trees."""
    return _pack(value, _encoder)


def pack_and_list(value: Any) -> tuple[bytes, list[StoredValue]]:
    """As `pack`, with every claim check that was met; costs nothing more where there is none."""
    found: list[StoredValue] = []

    def noting(item: Any) -> Any:
        if isinstance(item, StoredValue):
            found.append(item)
        return _extension(item)

    return _pack(value, msgspec.msgpack.Encoder(enc_hook=noting)), list(dict.fromkeys(found))


def _pack(value: Any, encoder: msgspec.msgpack.Encoder) -> bytes:
    try:
        return encoder.encode(value)
    except OverflowError:
        hook: Any = encoder.enc_hook
        # Extensions are not among the builtins, so claim checks pass as the one builtin that no tree holds.
        plain = msgspec.to_builtins(
            value, builtin_types=(bytes, bytearray), str_keys=False, enc_hook=lambda item: bytearray(hook(item).data)
        )
        return msgspec.msgpack.encode(_with_extensions(plain))


def _extension(item: Any) -> msgspec.msgpack.Ext:
    if not isinstance(item, StoredValue):
        raise TypeError(f"a tree may not hold {type(item).__name__}")
    digest = bytes.fromhex(item.hash)
    return msgspec.msgpack.Ext(_STORED_VALUE, digest + item.size.to_bytes(8, "big") + item.kind.encode())


_encoder = msgspec.msgpack.Encoder(enc_hook=_extension)


@overload
def unpack(data: bytes) -> Tree: ...
@overload
def unpack(data: bytes, type: type[_T]) -> _T: ...
def unpack(data: bytes, type: Any = Any) -> Any:
    """The inverse of `pack`. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return msgspec.msgpack.decode(data, type=type, ext_hook=read_extension)


def read_extension(code: int, data: memoryview) -> int | StoredValue:
    """msgspec's ext_hook: integers beyond 64 bits and claim checks."""
    if code == BIG_INT:
        return int.from_bytes(data, "big", signed=True)
    head = _DIGEST_BYTES + 8
    if code != _STORED_VALUE or len(data) < head:
        raise msgspec.ValidationError(f"unknown extension {code}")
    size = int.from_bytes(data[_DIGEST_BYTES:head], "big")
    return StoredValue(data[:_DIGEST_BYTES].hex(), size, bytes(data[head:]).decode())


def _with_extensions(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _with_extensions(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_with_extensions(v) for v in value]
    if isinstance(value, bytearray):
        return msgspec.msgpack.Ext(_STORED_VALUE, bytes(value))
    if isinstance(value, int) and not _I64_MIN <= value <= _U64_MAX:
        return msgspec.msgpack.Ext(BIG_INT, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    return value
