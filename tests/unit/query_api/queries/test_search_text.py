"""Evaluation that is put off and begun again, with more steps, answers as evaluation at once does."""

import asyncio
import itertools
from typing import Any, cast

import pytest
from tests.unit.query_api.world import NOW

from contracts.read_models import SeriesSummary
from query_api.language.budget import QueryBudget
from query_api.language.compiled import compile_query
from query_api.language.views import QueryEnvironment
from query_api.queries.run_views import StoredRun
from query_api.queries.search_text import SearchText
from query_api.queries.turns import FIRST_STEPS, SLICE_SECONDS, Turns

FEW, SOME, MANY = 1, 700, 25
TEXTS = {
    "all": "any(n == metric.last for n in range(900)) or any(n * m < 0 for n in range(60) for m in range(60)) or True",
    "some": "any(n == metric.last for n in range(900)) and metric.last_step % 2",
    "none": "any(n * m < 0 for n in range(70) for m in range(70))",
}


class SeriesOnly:
    """A run that is nothing but its series."""

    hash, name, description, experiment = "a", "a", None, None
    tags: tuple[str, ...] = ()
    archived, active = False, True
    creation_time, end_time, updated_at = NOW, None, None

    def summaries(self) -> list[SeriesSummary]:
        # Of each third one is decided within the first steps, one needs more, one the most.
        lasts = [float(value) for _ in range(5) for value in (FEW, SOME, -1, MANY, 899)]
        return [
            SeriesSummary(f"m{place}", {}, "float", 0, 0.0, place, last, 0.0, 0.0) for place, last in enumerate(lasts)
        ]


def _search(text: str, tick: float = 0.0) -> SearchText:
    """tick: seconds that pass between two looks at the clock."""
    query = compile_query(text, "metric")
    now = itertools.count()
    budget = QueryBudget(lambda: next(now) * tick, cpu_seconds=1e9)
    turn = Turns().turn(lambda: budget.spent_seconds)
    return SearchText(query, query.plan(0), QueryEnvironment(0, NOW, budget), False, turn)


@pytest.mark.parametrize(("which", "count"), [("all", 25), ("some", 10), ("none", 0)])
async def test_every_series_is_answered_once_and_in_order(which: str, count: int) -> None:
    text = TEXTS[which]
    search, run = _search(text), cast("StoredRun", SeriesOnly())
    found = [one.name for one in await search.matching_series(run)]
    assert search.turn.steps > FIRST_STEPS, "nothing was put off"
    at_once = QueryEnvironment(0, NOW, QueryBudget(lambda: 0.0))
    views: Any = run
    assert found == [one.name for one in run.summaries() if search.query.matches_sequence(views, one, at_once)]
    assert len(found) == count


async def test_others_are_served_between_the_series_of_a_run() -> None:
    search, run = _search("metric.last >= 0", SLICE_SECONDS / 2), cast("StoredRun", SeriesOnly())
    asked = asyncio.create_task(search.matching_series(run))
    rounds = 0
    while not asked.done():
        await asyncio.sleep(0)
        rounds += 1
    assert len(asked.result()) == 20
    assert rounds >= len(run.summaries()) // 2


async def test_what_takes_longer_than_its_steps_tell_is_put_off_and_finished() -> None:
    search, run = _search("all(n >= 0 for n in range(100))", 1.0), cast("StoredRun", SeriesOnly())
    assert len(await search.matching_series(run)) == 25
    assert search.turn.steps > FIRST_STEPS
