"""Loops over values, counted."""

from collections.abc import Iterator
from types import GeneratorType
from typing import Any, Final

from query_api.language.interpreter.frames import Frame
from query_api.language.values import NULL, plain

_DICT_VIEWS: Final[tuple[type, ...]] = (type({}.keys()), type({}.values()), type({}.items()))
_ITERABLE: Final = (str, bytes, list, tuple, set, frozenset, dict, range, GeneratorType, *_DICT_VIEWS)


def iterate(value: Any) -> Iterator[Any]:
    """The items of a value that a query may loop over; TypeError for any other value, `run` among them."""
    value = plain(value)
    kind = type(value)
    if value is not NULL and not issubclass(kind, _ITERABLE):
        raise TypeError(f"{kind.__name__} is not iterable")
    items: Iterator[Any] = iter(value)
    return items


def counted(frame: Frame, value: Any) -> Iterator[Any]:
    """The same, one step for each item."""
    budget = frame.budget
    for item in iterate(value):
        budget.take_steps()
        yield item


def materialised(frame: Frame, value: Any) -> Any:
    """A generator as a list, any other value as it is: for functions that loop by themselves."""
    if isinstance(value, GeneratorType):
        return frame.budget.keep(list(counted(frame, value)))
    return value
