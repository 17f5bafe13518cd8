"""The cost that one request may cause: steps and bytes for each item, seconds for all of them."""

import math
from collections.abc import Callable
from typing import Any, Final, NoReturn

from query_api.language.errors import EvaluationPutOff, QueryBudgetExceeded
from query_api.language.values import Parameter

MAX_INT_BITS: Final = 16_384
"""Largest integer that an operation may make, in bits."""
MAX_CALL_DEPTH: Final = 24
"""Nested calls of lambdas."""

_STEPS_BETWEEN_CLOCK_READS: Final = 32
_EMPTY_WEIGHT: Final = 16
_LARGE_BYTES: Final = 4_096
_WEIGHED_AT_ONCE: Final = 32
"""Parts of a value."""
_WEIGHED_PER_STEP: Final = 4


class QueryBudget:
    """Shared by every evaluation of one request; not safe for use by two threads at once.

    clock: seconds, monotone; only differences within an evaluation count, so waiting for data between items is free.
    """

    __slots__ = (
        "_bytes", "_bytes_per_item", "_clock", "_cpu_seconds", "_depth", "_next_check", "_seconds_at_once",
        "_started", "_steps", "_steps_at_once", "_steps_per_item", "spent_seconds",
    )  # fmt: skip

    def __init__(
        self,
        clock: Callable[[], float],
        cpu_seconds: float = 2.0,
        steps_per_item: int = 100_000,
        bytes_per_item: int = 1 << 20,
    ) -> None:
        self._clock = clock
        self._cpu_seconds = cpu_seconds
        self._steps_per_item = self._steps_at_once = steps_per_item
        self._bytes_per_item = bytes_per_item
        self._seconds_at_once = math.inf
        self.spent_seconds = 0.0
        self._started = 0.0
        self._steps = self._bytes = self._depth = self._next_check = 0

    def allow_at_once(self, steps: int, seconds: float = math.inf) -> None:
        """From the next item on, raise EvaluationPutOff where one needs more steps or time than this.

        Whoever allows all the steps of an item allows it any time: a slow machine must not put it off for ever.
        """
        self._steps_at_once = min(steps, self._steps_per_item)
        self._seconds_at_once = seconds if steps < self._steps_per_item else math.inf

    def begin_item(self) -> None:
        """Start the counts of one item; raises QueryBudgetExceeded if the time of the request is used up."""
        if self.spent_seconds > self._cpu_seconds:
            self._raise_time()
        self._steps = self._bytes = self._depth = self._next_check = 0
        self._started = self._clock()

    def end_item(self) -> None:
        self.spent_seconds += self._clock() - self._started

    def take_steps(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > self._steps_at_once:
            self._raise_steps()
        if self._steps >= self._next_check:
            self._next_check = self._steps + _STEPS_BETWEEN_CLOCK_READS
            self._check_time()

    def take_bytes(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self._bytes_per_item:
            raise QueryBudgetExceeded(f"The query makes more than {self._bytes_per_item} bytes of values for one item.")
        if count > _LARGE_BYTES:
            self._check_time()

    def keep(self, value: Any) -> Any:
        """Account for a value that the query made and give it back."""
        kind = type(value)
        if kind is int:
            self.check_bits(value.bit_length())
        elif kind is str:
            self.take_bytes(_EMPTY_WEIGHT + len(value))
        elif kind is not float and kind is not bool:
            self.take_bytes(self.weigh(value))
        return value

    def check_bits(self, bits: int) -> None:
        if bits > MAX_INT_BITS:
            raise QueryBudgetExceeded(f"The query makes an integer of more than {MAX_INT_BITS} bits.")

    def weigh(self, value: Any) -> int:
        """About the bytes of `value`, shared parts counted as often as they appear: what a deep comparison would cost.

        Takes steps for its parts. Stops soon after the limit of one item, so a value that refers to itself many times
        over costs no more.
        """
        total = parts = 0
        pending = [value]
        while pending and total <= self._bytes_per_item:
            total += _own_weight(pending.pop(), pending)
            parts += 1
            if parts % _WEIGHED_AT_ONCE == 0:
                self.take_steps(_WEIGHED_AT_ONCE // _WEIGHED_PER_STEP)
        return total

    def enter_call(self, steps: int) -> None:
        self.take_steps(steps)
        self._depth += 1
        if self._depth > MAX_CALL_DEPTH:
            raise QueryBudgetExceeded(f"The query calls functions more than {MAX_CALL_DEPTH} levels deep.")

    def leave_call(self) -> None:
        self._depth -= 1

    def _check_time(self) -> None:
        taken = self._clock() - self._started
        if self.spent_seconds + taken > self._cpu_seconds:
            self._raise_time()
        if taken > self._seconds_at_once:
            raise EvaluationPutOff

    def _raise_steps(self) -> NoReturn:
        if self._steps <= self._steps_per_item:
            raise EvaluationPutOff
        raise QueryBudgetExceeded(f"The query needs more than {self._steps_per_item} steps for one item.")

    def _raise_time(self) -> None:
        raise QueryBudgetExceeded(f"The query needs more than {self._cpu_seconds:g} seconds.")


def _own_weight(value: Any, pending: list[Any]) -> int:
    """The weight of one value without its parts, which are added to `pending`."""
    if isinstance(value, float):
        return _EMPTY_WEIGHT
    if isinstance(value, Parameter):
        pending.append(value.value)
        return _EMPTY_WEIGHT
    if isinstance(value, (str, bytes)):
        return _EMPTY_WEIGHT + len(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        pending.extend(value)
        return _EMPTY_WEIGHT
    if isinstance(value, dict):
        pending.extend(value)
        pending.extend(value.values())
        return _EMPTY_WEIGHT
    if isinstance(value, int):
        return _EMPTY_WEIGHT + value.bit_length() // 8
    return _EMPTY_WEIGHT
