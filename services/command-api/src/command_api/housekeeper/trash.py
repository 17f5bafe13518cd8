"""What lay in the trash for its time is purged; the id may be used again when the tombstone had its time after that."""

from collections.abc import Callable

from command_api.housekeeper.desk import Desk
from contracts.events import RunEvent, RunPurged, TombstoneCleared
from contracts.tables import TRASH, ViewNames
from stores.documents.port import AllOf, Condition, Document, Where


async def purge_old_trash(desk: Desk, names: ViewNames, limit: float) -> int:
    """Purge every incarnation that was deleted before `limit` (seconds UTC); how many there were."""
    due = AllOf((Condition("purged_at", "eq", None), Condition("deleted_at", "lt", limit)))
    return await _append_for_each(desk, names, due, lambda entry: RunPurged(incarnation=entry["incarnation"]))


async def clear_old_tombstones(desk: Desk, names: ViewNames, limit: float) -> int:
    """Clear the tombstone of every incarnation that was purged before `limit` (seconds UTC); how many there were."""
    due = AllOf((Condition("tombstone", "eq", True), Condition("purged_at", "lt", limit)))
    return await _append_for_each(desk, names, due, lambda entry: TombstoneCleared(incarnation=entry["incarnation"]))


async def _append_for_each(desk: Desk, names: ViewNames, due: Where, event_for: Callable[[Document], RunEvent]) -> int:
    """A repeat, by another housekeeper or before the views show the first, changes nothing: the fold knows both."""
    count = 0
    async for entries in desk.documents.find(names.collection(TRASH), due):
        await desk.append([(entry["run_id"], event_for(entry)) for entry in entries])
        count += len(entries)
    return count
