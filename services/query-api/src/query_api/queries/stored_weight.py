"""How much of the blob store an answer holds at once: values that were set aside may be of any size."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from contracts.trees import StoredValue

_BYTES_PER_PART = 8 << 20
_T = TypeVar("_T")


def by_weight(items: Sequence[_T], claims_of: Callable[[_T], Sequence[StoredValue]]) -> Iterator[list[_T]]:
    """Parts, in order, whose items together need little of the blob store; one item that needs more is alone."""
    part: list[_T] = []
    weight = 0
    for item in items:
        size = sum(claim.size for claim in claims_of(item))
        if part and weight + size > _BYTES_PER_PART:
            yield part
            part, weight = [], 0
        part.append(item)
        weight += size
    if part:
        yield part
