"""Runs that a search text lets through, in the store's order."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from query_api.language.errors import RunDataError
from query_api.queries.pushdown import bound_of
from query_api.queries.reads import Reads
from query_api.queries.run_views import StoredRun, ValuesNotRead
from query_api.queries.search_text import SearchText
from stores.runs.catalog import Catalog
from stores.runs.reader import Place

BATCH = 200

_T = TypeVar("_T")
_Test = Callable[[StoredRun], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Match:
    """place: of the run among the runs of its batch, from 1."""

    run: StoredRun
    place: int


@dataclass(frozen=True, slots=True)
class Matches:
    """Of one batch of runs those that match. looked_at: runs of the batch."""

    runs: list[Match]
    looked_at: int


async def matching_runs(
    reads: Reads, search: SearchText, catalog: Catalog, *, after: Place | None = None, batch: int = BATCH
) -> AsyncGenerator[Matches, None]:
    """Newest first; in a search of sequences, the runs that may hold one. Close the iterator if you leave it early."""
    bound = bound_of(search.plan.predicate, catalog)
    if bound.empty:
        return
    test: _Test | None = search.run_may_match
    if search.query.kind == "run":
        test = None if search.plan.exact and bound.exact else search.matches_run
    async with aclosing(reads.runs.newest_first(bound.where, after=after, batch=batch)) as batches:
        async for runs in batches:
            views = await search.views(reads, runs, catalog)
            yield Matches(await _matching(reads, views, test), len(runs))


async def asked(reads: Reads, run: StoredRun, evaluate: Callable[[StoredRun], Awaitable[_T]]) -> _T:
    """What a search finds of the run. Large params and notes are read only if it asks for such, and let go at once."""
    try:
        return await evaluate(run)
    except RunDataError as error:
        if not isinstance(error.__cause__, ValuesNotRead):
            raise
    return await evaluate(await run.whole(reads.values))


async def _matching(reads: Reads, views: list[StoredRun], test: _Test | None) -> list[Match]:
    if test is None:
        return [Match(run, place) for place, run in enumerate(views, 1)]
    found = []
    for place, run in enumerate(views, 1):
        if await asked(reads, run, test):
            found.append(Match(run, place))
    return found
