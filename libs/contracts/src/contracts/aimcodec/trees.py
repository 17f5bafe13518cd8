"""From trees to pairs of key and value, and back. Framing of the pairs is in `records`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any, Final

from contracts.aimcodec.arrays import NumericArray
from contracts.aimcodec.errors import CorruptRecords
from contracts.aimcodec.paths import Key, Path, decode_path, encode_key, member_components
from contracts.aimcodec.values import (
    Opener,
    TypedOpener,
    decode_value,
    encode_typed_opener,
    encode_value,
)

_LONGEST_GAP: Final = 4096  # a record of 30 bytes must not be able to fill the memory
_FEW_INDICES: Final = 1024
_INDEX_COMPONENTS: Final = tuple(encode_key(index) for index in range(_FEW_INDICES))


@dataclass(slots=True)
class TypedObject:
    """An object of a class of the Aim SDK, such as `aim.image`. `encode_tree` refuses it: browsers do not know it."""

    type_name: str
    members: dict[Key, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blob:
    """A text or bytes that the Aim SDK loads lazily; its record carries the blob flag where there is one."""

    data: str | bytes


def flatten(tree: object, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
    """Records of a tree whose root is at `prefix` (an encoded path): depth first, openers first, branches contiguous.

    tree: scalars, mappings, lists, tuples, iterators, NumericArray, TypedObject, Blob. Non-empty mappings have no
    record of their own, so a tree of scalars below one key is that key's branch and nothing more.
    Raises UnsupportedValue, when it gets there, for anything else.
    """
    for path, leaf in leaves(tree, prefix):
        yield path, encode_leaf(leaf)


def leaves(tree: object, prefix: bytes = b"") -> Iterator[tuple[bytes, object]]:
    """As `flatten`, but before values become bytes: scalars and blobs as they are, openers as Opener or TypedOpener."""
    branches: list[tuple[bytes, Iterator[tuple[bytes, object]]]] = [(prefix, iter([(b"", tree)]))]
    while branches:
        above, siblings = branches[-1]
        for component, node in siblings:
            path = above + component
            members = _members(node)
            if members is None:
                yield path, node
                continue
            opener = _opener(node)
            if opener is not None:
                yield path, opener
            branches.append((path, iter(members)))
            break
        else:
            branches.pop()


def encode_leaf(leaf: object) -> bytes:
    """Value bytes of what `leaves` gives."""
    if isinstance(leaf, Opener):
        opener: bytes = leaf.value
        return opener
    if isinstance(leaf, TypedOpener):
        return encode_typed_opener(leaf.type_name)
    return encode_value(leaf.data if isinstance(leaf, Blob) else leaf)


def index_components() -> Iterator[bytes]:
    """Components of the indices 0, 1, 2 and so on, without end."""
    return chain(_INDEX_COMPONENTS, map(encode_key, count(_FEW_INDICES)))


def _members(node: object) -> Iterable[tuple[bytes, object]] | None:
    """Components and members of a container, None for a leaf."""
    if isinstance(node, NumericArray):
        node = node.members()
    elif isinstance(node, TypedObject):
        node = node.members
    if isinstance(node, Mapping):
        return zip(member_components(node.keys()), node.values(), strict=True)
    if isinstance(node, list | tuple | Iterator):
        return zip(index_components(), node, strict=False)
    return None


def _opener(node: object) -> Opener | TypedOpener | None:
    if isinstance(node, TypedObject):
        return TypedOpener(node.type_name)
    if isinstance(node, Mapping):
        return None if node else Opener.OBJECT
    return None if isinstance(node, NumericArray) else Opener.ARRAY


def fold(records: Iterable[tuple[bytes, bytes]]) -> Any:
    """The tree of the records of one tree, root path first; the inverse of `flatten`.

    Objects are dicts with text and integer keys, arrays are lists, objects of the SDK are TypedObject. Tolerant as
    browsers are: a missing parent is an object, a gap in an array is filled with None, a later record replaces an
    earlier one. Numeric arrays stay objects (`arrays.read_numeric_array`).
    Raises CorruptRecords for no records at all, bad bytes, a text key or a negative or far too high index in an array.
    """
    folder = Folder()
    for key, value in records:
        folder.put(decode_path(key), decode_value(value))
    return folder.tree()


class Folder:
    """A tree that grows with every record; for readers that have decoded keys and values already."""

    def __init__(self) -> None:
        # The tree hangs below an object of one member, so that the root needs no rules of its own.
        self._above: dict[Key, Any] = {}

    def put(self, path: Path, value: object) -> None:
        """value: a scalar, a Blob, or an opener, which starts its container anew."""
        container: Any = self._above
        key: Key = 0
        for step in path:
            container, key = _child(container, key), step
        _assign(container, key, _opened(value))

    def tree(self) -> Any:
        """What the records so far make. Raises CorruptRecords before the first one."""
        if not self._above:
            raise CorruptRecords("a tree has at least one record")
        return self._above[0]


def _opened(value: object) -> object:
    if value is Opener.ARRAY:
        return []
    if value is Opener.OBJECT:
        return {}
    return TypedObject(value.type_name) if isinstance(value, TypedOpener) else value


def _child(container: Any, key: Key) -> Any:
    """The container at `key`; a missing one, or a scalar that turns out to have members, becomes an object."""
    members = container.members if isinstance(container, TypedObject) else container
    found: Any = None
    if isinstance(members, dict):
        found = members.get(key)
    elif isinstance(key, int) and 0 <= key < len(members):
        found = members[key]
    if not isinstance(found, dict | list | TypedObject):
        found = {}
        _assign(container, key, found)
    return found


def _assign(container: Any, key: Key, value: object) -> None:
    if isinstance(container, TypedObject):
        container.members[key] = value
    elif isinstance(container, dict):
        container[key] = value
    else:
        _assign_element(container, key, value)


def _assign_element(elements: list[Any], index: Key, value: object) -> None:
    if not isinstance(index, int) or index < 0:
        raise CorruptRecords(f"{index!r} is no index of an array")
    gap = index - len(elements)
    if gap > _LONGEST_GAP:
        raise CorruptRecords(f"an array jumps from index {len(elements) - 1} to {index}")
    if gap < 0:
        elements[index] = value
        return
    elements.extend([None] * gap)
    elements.append(value)
