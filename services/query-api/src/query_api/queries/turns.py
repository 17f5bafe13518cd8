"""Searches take turns in evaluating their queries, so that a thousand costly ones do not keep everyone else waiting."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Final

SLICE_SECONDS: Final = 0.01
"""Evaluation that one search may do before others are served. One run may take longer: it is not interrupted."""


class Turns:
    """One per process and loop. Between two turns the loop serves whatever else is ready."""

    def __init__(self) -> None:
        self._holder: Turn | None = None
        self._waiting: list[tuple[float, int, Turn, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def turn(self, spent: Callable[[], float]) -> "Turn":
        """Of one search. spent: seconds that it has evaluated so far."""
        return Turn(self, spent)

    def _pass_on(self) -> None:
        """Whoever has had least comes next, of equals who came first."""
        self._holder = None
        while self._waiting:
            _, _, turn, granted = heapq.heappop(self._waiting)
            if not granted.done():
                granted.set_result(None)
                turn.begin()
                return


class Turn:
    """The turn lasts until its search waits for anything, or has had its slice."""

    def __init__(self, turns: Turns, spent: Callable[[], float]) -> None:
        self._turns = turns
        self._spent = spent
        self._began = 0.0

    async def mine(self) -> None:
        """Call it before each run or series of a run. Returns at once while the turn lasts, or if nobody has it."""
        turns = self._turns
        if turns._holder is self and self._spent() - self._began < SLICE_SECONDS:
            return
        if turns._holder is None:
            self.begin()
            return
        granted = asyncio.get_running_loop().create_future()
        heapq.heappush(turns._waiting, (self._spent(), next(turns._numbers), self, granted))
        await granted

    def begin(self) -> None:
        """Not for searches."""
        self._turns._holder = self
        self._began = self._spent()
        # Comes after what is ready now, a search that was just granted the turn included, whatever becomes of it.
        asyncio.get_running_loop().call_soon(self._turns._pass_on)
