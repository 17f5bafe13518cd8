"""`in`, paid for by the size of the container."""

from types import GeneratorType
from typing import Any, Final

from query_api.language.costs import (
    KEYED,
    LISTED,
    SEARCHED_PER_STEP,
    SIZED,
    TEXTS,
    WRAPPERS,
    charge_comparison,
    charge_key,
    charge_scan,
    charge_search,
)
from query_api.language.interpreter.frames import Frame

_SCALARS: Final[frozenset[type]] = frozenset({str, int, bool})


def contains(frame: Frame, item: Any, container: Any) -> bool:
    if type(container) is str and len(container) < SEARCHED_PER_STEP:
        return item in container
    is_stored = type(container) in WRAPPERS
    if is_stored:
        container = container.value
    kind = type(container)
    if kind in TEXTS:
        charge_search(frame.budget, container, item)
    elif kind in LISTED:
        return listed(frame, item, container, is_stored)
    elif kind in KEYED:
        charge_key(frame.budget, item)
    elif kind is GeneratorType:
        return any(_same(frame, item, one) for one in container)
    return item in container


def listed(frame: Frame, item: Any, container: Any, is_stored: bool) -> bool:
    """`in` for a list, tuple or range; is_stored: it holds no wrappers."""
    item = unwrapped(item)
    charge_scan(frame.budget, item, container, is_stored=is_stored)
    return item in container


def unwrapped(item: Any) -> Any:
    """A stored scalar without its wrapper, which would compare it in Python with each item.

    Nothing that is unequal to itself: a container holds what it is identical to.
    """
    if type(item) in WRAPPERS:
        value = item.value
        if type(value) in _SCALARS or (type(value) is float and value == value):
            return value
    return item


def _same(frame: Frame, item: Any, other: Any) -> bool:
    if type(item) in SIZED and type(other) in SIZED:
        charge_comparison(frame.budget, item, other)
    return other is item or bool(other == item)
