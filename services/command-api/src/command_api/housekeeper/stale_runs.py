"""Runs whose client went away without a word are finished, at the time of the last event that it sent."""

from collections.abc import Sequence

from command_api.housekeeper.desk import Desk
from contracts.events import RunFinished
from contracts.tables import LEASES, RUNS, ViewNames
from stores.documents.port import AllOf, Condition, Document, Remove, Write


async def finish_stale_runs(desk: Desk, names: ViewNames, limit: float) -> int:
    """Finish every active run without an event and without a lease since `limit` (seconds UTC); how many there were.

    A later event of the client opens such a run again, by the fold.
    """
    silent = AllOf(
        (
            Condition("phase", "eq", "live"),
            Condition("active", "eq", True),
            Condition("updated_at", "lt", limit),
        )
    )
    finished = 0
    async for runs in desk.documents.find(names.collection(RUNS), silent):
        held = await _held(desk, [run["_id"] for run in runs], limit)
        stale = [(run["_id"], _finished(run)) for run in runs if run["_id"] not in held]
        if stale:
            await desk.append(stale)
        finished += len(stale)
    return finished


def _finished(run: Document) -> RunFinished:
    """At what the client logged last. What users did since, like taking the run out of the trash, is no work of it."""
    ingested_at = run.get("ingested_at")
    return RunFinished(at=run["updated_at"] if ingested_at is None else ingested_at, reason="stale")


async def _held(desk: Desk, run_ids: Sequence[str], limit: float) -> set[str]:
    wanted = AllOf((Condition("run_id", "in", list(run_ids)), Condition("renewed_at", "gte", limit)))
    return {lease["run_id"] async for leases in desk.documents.find(LEASES.name, wanted) for lease in leases}


async def forget_old_leases(desk: Desk, limit: float) -> int:
    """Remove what was not renewed since `limit`; how many there were."""
    forgotten = 0
    async for leases in desk.documents.find(LEASES.name, Condition("renewed_at", "lt", limit)):
        writes: list[Write] = [Remove(LEASES.name, lease["_id"], lease["_v"]) for lease in leases]
        await desk.documents.commit(writes)
        forgotten += len(writes)
    return forgotten
