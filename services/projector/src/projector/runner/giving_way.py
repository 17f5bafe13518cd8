"""Long computations that leave the interpreter to others, item by item."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")

_TAKEN_SECONDS = 20e-6
"""Nobody wanted the interpreter if it is back sooner."""
_PAUSE_SECONDS = 100e-6


def giving_way(items: Iterable[_T]) -> Iterator[_T]:
    """The items. After each, whoever waits for the interpreter gets it, and has it alone for a moment.

    In the embedded product a thread folds while the event loop answers clients. Left alone it keeps the interpreter for
    a whole turn each time, and the loop needs many turns for an answer: of 200 clients that sent ten frames a second
    the slowest hundredth waited 120 ms for an acknowledgement, and 30 ms with this (November 2026). Where nobody
    waits it costs a microsecond an item.
    """
    for item in items:
        yield item
        began = time.perf_counter()
        time.sleep(0)
        if time.perf_counter() - began > _TAKEN_SECONDS:
            time.sleep(_PAUSE_SECONDS)
