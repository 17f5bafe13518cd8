"""Searches take turns in evaluating their queries, so that a thousand costly ones do not keep everyone else waiting."""

import asyncio
import heapq
import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

SLICE_SECONDS: Final = 0.01
"""Evaluation that one search may do before others are served."""

FIRST_STEPS: Final = 1_000
"""Steps that one item may take in the first turn of a search: a thousand newcomers have had theirs within a second."""
_MORE_STEPS: Final = 10
"""How many times as many it may take each time that they did not suffice: two beginnings in vain, an eighth of all."""

AGED_EVERY: Final = 16
"""Of so many turns one is given to whoever has waited longest, however much he had: nobody waits for ever."""


class Turns:
    """One per process and loop. Between two turns the loop serves whatever else is ready."""

    def __init__(self) -> None:
        self._holder: Turn | None = None
        self._least: list[tuple[float, int]] = []
        self._waiting: OrderedDict[int, tuple[Turn, asyncio.Future[None]]] = OrderedDict()
        self._numbers = itertools.count()
        self._passed = 0

    def turn(self, spent: Callable[[], float]) -> "Turn":
        """Of one search. spent: seconds that it has evaluated so far."""
        return Turn(self, spent)

    async def _wait(self, turn: "Turn", spent: float) -> None:
        number = next(self._numbers)
        granted = asyncio.get_running_loop().create_future()
        heapq.heappush(self._least, (spent, number))
        self._waiting[number] = turn, granted
        try:
            await granted
        finally:
            self._waiting.pop(number, None)

    def _pass_on(self) -> None:
        self._holder = None
        number = self._next()
        if number is not None:
            turn, granted = self._waiting.pop(number)
            granted.set_result(None)
            turn.begin()

    def _next(self) -> int | None:
        """Whoever has had least, of equals who came first; now and then who came first of all."""
        self._passed += 1
        if self._passed % AGED_EVERY == 0:
            return next(filter(self._waits, self._waiting), None)
        while self._least:
            _, number = heapq.heappop(self._least)
            if self._waits(number):
                return number
        return None

    def _waits(self, number: int) -> bool:
        """Not if it was granted as the longest waiting, or given up."""
        return number in self._waiting and not self._waiting[number][1].done()


class Turn:
    """The turn lasts until its search waits for anything, or has had its slice."""

    def __init__(self, turns: Turns, spent: Callable[[], float]) -> None:
        self._turns = turns
        self._spent = spent
        self._began = 0.0
        self._is_over = False
        self.steps = FIRST_STEPS
        """That one item may take now."""
        self.seconds = SLICE_SECONDS
        """The same, while not all steps are allowed: native work may take longer than it was taken for."""

    @property
    def lasts(self) -> bool:
        """Whether the slice is not used up."""
        return not self._is_over and self._spent() - self._began < SLICE_SECONDS

    async def mine(self) -> None:
        """Call it before each evaluation. Returns at once while the turn lasts, or if nobody has it."""
        turns = self._turns
        if turns._holder is self and self.lasts:
            return
        if turns._holder is None:
            self.begin()
            return
        await turns._wait(self, self._spent())

    def put_off(self) -> None:
        """The item needs more than `steps` or `seconds`: the turn is over, and the next ones allow more."""
        self._is_over = True
        self.steps *= _MORE_STEPS
        self.seconds *= _MORE_STEPS

    def begin(self) -> None:
        """Not for searches."""
        self._turns._holder = self
        self._began = self._spent()
        self._is_over = False
        # Comes after what is ready now, a search that was just granted the turn included, whatever becomes of it.
        asyncio.get_running_loop().call_soon(self._turns._pass_on)
