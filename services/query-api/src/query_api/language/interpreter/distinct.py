"""Sets and dicts that a query makes.

Python looks for a key among all keys of the same hash, one by one, and numbers or tuples of one hash are easy to find.
So few of them may be in one container: then every look-up is short, and every operator on sets costs what they weigh.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from query_api.language.costs import JOINED, charge_key, charge_parts
from query_api.language.errors import QueryBudgetExceeded
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import counted

MOST_ALIKE: Final = 32
"""Unequal keys of one hash in one set or dict."""
_SETS: Final = (set, frozenset)
_VIEWS: Final[tuple[type, ...]] = (type({}.keys()), type({}.items()))


class _Hashes:
    """Of the keys of one container."""

    __slots__ = ("_counts", "_keys")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._keys = 0

    def added(self, key: Any, keys: int) -> None:
        """`key` was just put into the container, which has `keys` now."""
        if keys == self._keys:
            return
        self._keys = keys
        value = hash(key)
        count = self._counts.get(value, 0) + 1
        if count > MOST_ALIKE:
            _refuse()
        self._counts[value] = count


def distinct(frame: Frame, items: Iterable[Any]) -> set[Any]:
    """A set of items whose steps the iterator takes, one by one so that the clock is seen."""
    result: set[Any] = set()
    hashes = _Hashes()
    for item in items:
        charge_key(frame.budget, item)
        result.add(item)
        hashes.added(item, len(result))
    return result


def mapping(frame: Frame, pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """A dict in the same way."""
    result: dict[Any, Any] = {}
    hashes = _Hashes()
    for key, value in pairs:
        charge_key(frame.budget, key)
        result[key] = value
        hashes.added(key, len(result))
    return result


def as_set(frame: Frame, value: Any) -> Any:
    """A set as it is, any other iterable as one."""
    return value if isinstance(value, _SETS) else distinct(frame, counted(frame, value))


def join(frame: Frame, operate: Callable[..., Any], *operands: Any) -> Any:
    """What an operator or a method makes of sets and dicts, kept. TypeError for what it does not take."""
    if any(isinstance(operand, _VIEWS) for operand in operands):
        # Views take any iterable, and go through it in one call.
        operands = tuple(as_set(frame, operand) for operand in operands)
    for operand in operands:
        charge_parts(frame.budget, operand, JOINED)
    result = operate(*operands)
    if isinstance(result, (*_SETS, dict)) and len(result) > MOST_ALIKE:
        _check(result)
    return frame.budget.keep(result)


def _check(container: Any) -> None:
    if max(Counter(map(hash, container)).values()) > MOST_ALIKE:
        _refuse()


def _refuse() -> None:
    raise QueryBudgetExceeded(f"The query makes a set or dict of more than {MOST_ALIKE} keys that hash alike.")
