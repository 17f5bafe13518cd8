"""A search finds what evaluating the query over every run finds: what the store was asked for makes no difference."""

import asyncio
from contextlib import aclosing
from functools import cache

from hypothesis import assume, given, settings
from tests.unit.query_api.language.random_expressions import METRIC_TEXTS, RUN_TEXTS
from tests.unit.query_api.language.random_queries import RUN_QUERIES
from tests.unit.query_api.world import NOW, Logged, World

from contracts.errors import BadRequest
from query_api.language.scope import QueryKind
from query_api.queries.run_matching import matching_runs
from query_api.queries.run_views import StoredRun
from query_api.queries.search_text import SearchText, read_search
from stores.runs.catalog import Catalog

Found = list[str]


@cache
def world() -> World:
    """Never changed after it was made, so that all examples may use it."""
    return asyncio.run(_made())


async def _made() -> World:
    made = await World.make()
    for name in ("a", "baseline"):
        await made.experiment(f"of-{name}", name)
    for name in ("a", "prod", "v1"):
        await made.tag(f"of-{name}", name, archived=name == "v1")
    await made.alias("late", "of-prod", "tag")
    await made.alias("later", "of-a", "experiment")
    loss = Logged("loss", [2.0, 0.1], {"subset": "val"})
    runs: list[tuple[tuple[Logged, ...], dict[str, object]]] = [
        ((), {}),
        ((loss, Logged("acc", [1.0])), {"name": "a", "experiment_id": "of-a", "params": {"lr": 0.1, "opt": "adam"}}),
        ((loss,), {"name": "adam", "experiment_id": "later", "tag_ids": ["late"], "params": {"lr": True}}),
        ((), {"name": "", "tag_ids": ["of-v1", "of-a"], "archived": True, "params": {"nested": {"lr": 1}}}),
        ((Logged("adam", [float("nan")]),), {"experiment_id": "gone", "tag_ids": ["gone"], "ended_at": NOW}),
        ((), {"experiment_id": "of-baseline", "archived": True, "ended_at": NOW, "created_at": 1710028800.0}),
        ((loss,), {"created_at": 1710028799.999999, "description": "about a", "params": {"layers": [1, 2]}}),
        ((), {"phase": "deleted", "name": "a"}),
    ]
    for number, (metrics, fields) in enumerate(runs):
        await made.run("ab"[number] if number < 2 else f"run-{number}", *metrics, **fields)  # type: ignore[arg-type]  # of any kind
    return made


async def _by_search(made: World, search: SearchText, catalog: Catalog) -> Found:
    found: Found = []
    async with aclosing(matching_runs(made.reads(), search, catalog, batch=3)) as batches:
        async for matches in batches:
            for match in matches.runs:
                found += await _parts(search, match.run)
    return found


async def _by_evaluation(made: World, search: SearchText, catalog: Catalog) -> Found:
    found: Found = []
    async with aclosing(made.reads().runs.newest_first()) as batches:
        async for runs in batches:
            for run in await search.views(made.reads(), runs, catalog):
                if search.query.kind == "run":
                    found += [run.hash] if search.query.matches_run(run, search.environment) else []
                    continue
                for series in run.summaries():
                    if search.query.matches_sequence(run, series, search.environment):
                        found.append(f"{run.hash} {series.name} {series.context}")
    return found


async def _parts(search: SearchText, run: StoredRun) -> Found:
    if search.query.kind == "run":
        return [run.hash]
    return [f"{run.hash} {series.name} {series.context}" for series in await search.matching_series(run)]


def _compare(text: str, kind: QueryKind) -> None:
    made = world()

    async def both() -> tuple[Found, Found]:
        search = read_search(text, kind, made.reads(), 0)
        catalog = await made.reads().catalog()
        return await _by_search(made, search, catalog), await _by_evaluation(made, search, catalog)

    try:
        searched, evaluated = asyncio.run(both())
    except BadRequest:
        assume(False)
    assert searched == evaluated


@given(RUN_TEXTS | RUN_QUERIES)
@settings(max_examples=200, deadline=None)
def test_runs(text: str) -> None:
    _compare(text, "run")


@given(METRIC_TEXTS)
@settings(max_examples=200, deadline=None)
def test_series(text: str) -> None:
    _compare(text, "metric")
