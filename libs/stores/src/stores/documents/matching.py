"""The meaning of conditions and orders, in plain Python: what an adapter falls back to where its engine cannot ask."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stores.documents.port import AllOf, AnyOf, Condition, Where

_Ordering = Callable[[Any, Any], bool]

_ORDERINGS: dict[str, _Ordering] = {
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
}


def matches(where: Where, document: Mapping[str, Any]) -> bool:
    """Whether the document meets the condition. Raises ValueError for an operator that the port does not name."""
    if isinstance(where, AllOf):
        return all(matches(part, document) for part in where.of)
    if isinstance(where, AnyOf):
        return any(matches(part, document) for part in where.of)
    return _meets(where, document.get(where.field))


def full_order(sort: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """The order with the id as last resort, so that it never depends on the engine."""
    return tuple(sort) if any(field == "_id" for field, _ in sort) else (*sort, ("_id", 1))


class Rank:
    """One value of a sort key, ordered as the engines do: missing and None, numbers, texts, then the rest."""

    __slots__ = ("_direction", "_key")

    def __init__(self, value: Any, direction: int) -> None:
        self._key = _order_key(value)
        self._direction = direction

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rank) and self._key == other._key

    __hash__ = None  # type: ignore[assignment]  # a sort key is never a member of a set

    def __lt__(self, other: "Rank") -> bool:
        return self._key < other._key if self._direction > 0 else other._key < self._key


def _order_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if is_number(value):
        return (1, (0, 0)) if math.isnan(value) else (1, (1, value))
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, bytes):
        return (3, value)
    return (4, value) if isinstance(value, bool) else (5, 0)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _meets(condition: Condition, value: Any) -> bool:
    wanted = condition.value
    match condition.op:
        case "eq":
            return _equal(value, wanted)
        case "ne":
            return not _equal(value, wanted)
        case "in":
            return any(_equal(value, each) for each in wanted)
        case "contains":
            return isinstance(value, list) and any(_equal(each, wanted) for each in value)
    ordering = _ORDERINGS.get(condition.op)
    if ordering is None:
        raise ValueError(f"no such operator: {condition.op}")
    return _comparable(value, wanted) and ordering(value, wanted)


def _comparable(left: Any, right: Any) -> bool:
    return (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str))


def _equal(left: Any, right: Any) -> bool:
    """True is not 1, as in every engine; 1 is 1.0; NaN is NaN."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right) or (_is_nan(left) and _is_nan(right))


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
