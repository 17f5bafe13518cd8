"""Who evaluates next."""

import asyncio

from query_api.language.budget import QueryBudget
from query_api.language.errors import EvaluationPutOff
from query_api.queries.turns import AGED_EVERY, FIRST_STEPS, SLICE_SECONDS, Turns


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


class CostlySearch:
    """Evaluates one item of many steps, a millisecond each, until its turn suffices for it."""

    STEPS = 90_000

    def __init__(self, turns: Turns, told: list[str], name: str = "costly") -> None:
        self._now = 0.0
        self._budget = QueryBudget(lambda: self._now, cpu_seconds=1_000.0)
        self._turn = turns.turn(lambda: self._budget.spent_seconds)
        self._told, self._name = told, name
        self.most_at_once: list[int] = []

    async def evaluate(self) -> None:
        while True:
            await self._turn.mine()
            self._budget.allow_at_once(self._turn.steps)
            self._told.append(self._name)
            try:
                self._evaluate()
            except EvaluationPutOff:
                self._turn.put_off()
            else:
                self._told.append(f"{self._name} done")
                return

    def _evaluate(self) -> None:
        self._budget.begin_item()
        taken = 0
        try:
            while taken < self.STEPS:
                self._budget.take_steps()
                taken += 1
                self._now += 0.001
        finally:
            self.most_at_once.append(taken)
            self._budget.end_item()


async def test_the_thousandth_newcomer_waits_for_the_first_turns_of_the_others_and_not_for_their_work() -> None:
    turns, told = Turns(), list[str]()
    costly = [CostlySearch(turns, told) for _ in range(1_000)]
    waiting = [asyncio.create_task(search.evaluate()) for search in costly]
    await asyncio.sleep(0)
    await Search(turns, "new", told).evaluate(1)
    assert "costly done" not in told
    # Beside the newcomers those that waited longest had their turn now and then.
    steps = [steps for search in costly for steps in search.most_at_once]
    assert all(taken == FIRST_STEPS for search in costly for taken in search.most_at_once[:1])
    assert len([taken for taken in steps if taken > FIRST_STEPS]) <= len(told) // AGED_EVERY + 1
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_one_turn_does_not_suffice_for_is_finished_in_a_later_one() -> None:
    turns, told = Turns(), list[str]()
    searches = [CostlySearch(turns, told, name) for name in "ab"]
    await asyncio.gather(*(search.evaluate() for search in searches))
    assert told == ["a", "b", "a", "b", "a", "a done", "b", "b done"]
    for search in searches:
        assert search.most_at_once == [FIRST_STEPS, 10 * FIRST_STEPS, CostlySearch.STEPS]


async def test_a_long_search_goes_on_however_many_newcomers_there_are() -> None:
    turns, told = Turns(), list[str]()
    long = asyncio.create_task(Search(turns, "long", told, SLICE_SECONDS).evaluate(20))
    newcomers = set[asyncio.Task[None]]()
    while not long.done():
        # One in each round: there is always somebody who has had less.
        newcomers.add(asyncio.create_task(Search(turns, "new", told, SLICE_SECONDS).evaluate(1)))
        await asyncio.sleep(0)
        assert len(told) < 20 * AGED_EVERY * 2
    assert told.count("long") == 20
    for task in newcomers:
        task.cancel()
    await asyncio.gather(*newcomers, return_exceptions=True)
