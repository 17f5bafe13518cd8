"""Whole bodies as a browser reads them, for our own client and for tests."""

from collections.abc import Iterator
from typing import Any

from contracts.aimcodec.errors import CorruptRecords
from contracts.aimcodec.paths import Key, Path, decode_path
from contracts.aimcodec.records import decode_records
from contracts.aimcodec.trees import Folder
from contracts.aimcodec.values import Decoded, Opener, TypedOpener, decode_value

_BROWSERS_HIGHEST_INDEX = (1 << 31) - 1


def items(body: bytes) -> list[tuple[Key, Any]]:
    """Top-level keys and their trees in order of arrival, progress included.

    A new item starts when the top-level key changes or has a record of its own again, so records of one key in two
    frames with nothing between them are one item. An empty body, or the one record of an empty tree, has no items.
    Raises CorruptRecords for a cut body, bad bytes or a tree that is not an object. More patient than browsers, which
    fail on some orders of records: `page_faults` finds those.
    """
    found: list[tuple[Key, Folder]] = []
    for path, value in _records(body):
        if not path:
            if value is not Opener.OBJECT:
                raise CorruptRecords("the root of a stream is an object")
            continue
        if not found or found[-1][0] != path[0] or len(path) == 1:
            found.append((path[0], Folder()))
        found[-1][1].put(path[1:], value)
    return [(key, folder.tree()) for key, folder in found]


def page_faults(body: bytes) -> list[str]:
    """What in the order of the records would break a page of Aim's UI, in words; empty for a good body."""
    check = _OrderCheck()
    return [fault for path, value in _records(body) for fault in check.faults(path, value)]


def _records(body: bytes) -> Iterator[tuple[Path, Decoded]]:
    for key, value in decode_records([body]):
        yield decode_path(key), decode_value(value)


class _OrderCheck:
    """Remembers the branch it is in, the branches it has left and the arrays that are open."""

    def __init__(self) -> None:
        self._previous: Path = ()
        self._previous_opens = True
        self._left: set[Path] = set()
        self._last_index: dict[Path, int] = {}

    def faults(self, path: Path, value: Decoded) -> Iterator[str]:
        if isinstance(value, TypedOpener):
            yield f"{path}: browsers do not know objects of type {value.type_name}"
        if any(isinstance(key, int) and not 0 <= key <= _BROWSERS_HIGHEST_INDEX for key in path):
            yield f"{path}: browsers misread integers outside 0 to 2^31 - 1"
        if path[:1] != self._previous[:1]:
            self._start_item()
        yield from self._misplaced(path, isinstance(value, Opener))
        yield from self._bad_index(path)
        if value is Opener.ARRAY:
            self._last_index[path] = -1
        self._previous = path
        self._previous_opens = isinstance(value, Opener)

    def _start_item(self) -> None:
        self._left.clear()
        self._last_index.clear()

    def _misplaced(self, path: Path, opens: bool) -> Iterator[str]:
        shared = _shared(path, self._previous)
        if shared == len(path):
            # The opener of a top-level key may come again: it starts the next item.
            if len(path) > 1 or not opens:
                yield f"{path}: comes after its own record or members"
            self._start_item()
            return
        if shared == len(self._previous) and not self._previous_opens:
            yield f"{path}: lies below a scalar"
        if shared < len(self._previous):
            self._left.add(self._previous[: shared + 1])
        if path[: shared + 1] in self._left:
            yield f"{path}: the branch {path[: shared + 1]} was left before"

    def _bad_index(self, path: Path) -> Iterator[str]:
        for depth in range(len(path)):
            array = path[:depth]
            if array not in self._last_index:
                continue
            index = path[depth]
            if not isinstance(index, int):
                yield f"{path}: {index!r} is no index of the array {array}"
            elif index != self._last_index[array] or len(path) == depth + 1:
                if index <= self._last_index[array]:
                    yield f"{path}: index {index} of the array {array} does not rise"
                self._last_index[array] = index


def _shared(one: Path, other: Path) -> int:
    """How many first components two paths have in common."""
    length = min(len(one), len(other))
    return next((depth for depth in range(length) if one[depth] != other[depth]), length)
