"""Row 21: the runs that are active, archived ones included, newest first."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from query_api.queries.reads import Reads
from query_api.queries.run_search import FoundRun
from stores.documents.port import Condition

_ACTIVE = Condition("active", "eq", True)


async def count_active_runs(reads: Reads) -> int:
    return await reads.runs.count(_ACTIVE)


async def active_runs(reads: Reads) -> AsyncGenerator[list[FoundRun], None]:
    """Parts in order. Close the iterator if you leave it early."""
    checked = 0
    async with aclosing(reads.runs.newest_first(_ACTIVE)) as batches:
        async for runs in batches:
            segments = await reads.runs.segments([run.id for run in runs])
            yield [FoundRun(run, segments.get(run.id), checked + place) for place, run in enumerate(runs, 1)]
            checked += len(runs)
