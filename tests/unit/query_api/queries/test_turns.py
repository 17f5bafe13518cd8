"""Who evaluates next."""

import asyncio

from query_api.queries.turns import SLICE_SECONDS, Turns


class Search:
    """Evaluates `runs` runs of `cost` seconds each by a clock of its own."""

    def __init__(self, turns: Turns, name: str, told: list[str], cost: float = SLICE_SECONDS / 2) -> None:
        self.spent = 0.0
        self.turn = turns.turn(lambda: self.spent)
        self._name, self._told, self._cost = name, told, cost

    async def evaluate(self, runs: int) -> None:
        for _ in range(runs):
            await self.turn.mine()
            self._told.append(self._name)
            self.spent += self._cost


async def test_a_search_alone_never_ends_its_slices() -> None:
    told: list[str] = []
    await Search(Turns(), "a", told).evaluate(10)
    assert told == ["a"] * 10


async def test_searches_change_after_a_slice_each() -> None:
    turns, told = Turns(), list[str]()
    await asyncio.gather(*(Search(turns, name, told).evaluate(4) for name in "ab"))
    assert "".join(told) == "aabbaabb"


async def test_who_has_had_least_comes_before_all_who_had_more() -> None:
    turns, told = Turns(), list[str]()
    costly = [asyncio.create_task(Search(turns, "x", told, SLICE_SECONDS).evaluate(50)) for _ in range(20)]
    while len(told) < 40:
        await asyncio.sleep(0)
    seen = len(told)
    await Search(turns, "new", told).evaluate(1)
    assert len(told) - seen <= 3
    await asyncio.gather(*costly)
    assert told.count("x") == 20 * 50


async def test_others_are_served_between_turns() -> None:
    turns, told = Turns(), list[str]()
    searches = [asyncio.create_task(Search(turns, "x", told, SLICE_SECONDS).evaluate(10)) for _ in range(10)]
    for rounds in range(1, 20):
        await asyncio.sleep(0)
        assert len(told) <= rounds + 1
    await asyncio.gather(*searches)


async def test_a_search_that_is_given_up_keeps_nobody_waiting() -> None:
    turns, told = Turns(), list[str]()
    searches = [asyncio.create_task(Search(turns, str(number), told, 1.0).evaluate(3)) for number in range(5)]
    await asyncio.sleep(0)
    for given_up in searches[:4]:
        given_up.cancel()
    await searches[4]
    assert told[-3:] == ["4", "4", "4"]
    await Search(turns, "later", told).evaluate(1)
    assert told[-1] == "later"
