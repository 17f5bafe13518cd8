"""Ids of runs that were deleted long ago may be used again."""

from command_api.housekeeper.desk import Desk
from contracts.events import TombstoneCleared
from contracts.tables import HISTORY, RUNS, ViewNames
from stores.documents.port import AllOf, Condition, Document


async def clear_old_tombstones(desk: Desk, names: ViewNames, limit: float) -> int:
    """Clear the tombstone of every run that was deleted before `limit` (seconds UTC); how many there were.

    What was deleted stays in the trash; only the next event of that id begins anew.
    """
    deleted = AllOf((Condition("phase", "eq", "deleted"), Condition("updated_at", "lt", limit)))
    cleared = 0
    async for runs in desk.documents.find(names.collection(RUNS), deleted):
        old = [(run["_id"], TombstoneCleared()) for run in runs if not await _is_cleared(desk, names, run)]
        if old:
            await desk.append(old)
        cleared += len(old)
    return cleared


async def _is_cleared(desk: Desk, names: ViewNames, run: Document) -> bool:
    """A run looks deleted until its id is used again; its history says more."""
    after = AllOf((Condition("key", "eq", run["_id"]), Condition("_v", "gt", run["_v"])))
    async for entries in desk.documents.find(names.collection(HISTORY), after):
        if any(entry["type"] == TombstoneCleared.__name__ for entry in entries):
            return True
    return False
