"""The incarnations of a run that were deleted, as its state remembers them."""

import msgspec
from msgspec.structs import replace


class Trashed(msgspec.Struct, frozen=True, array_like=True):
    """One incarnation that was deleted and not taken back. Times are seconds UTC.

    version: of the last event that changed this. name: the run's, empty once it is purged. tombstone: whether what
    clients send is dropped because of it. purged_at: when it was purged. purge: version of the last event by which its
    blobs go: of the purge, or of the clearing after it. cleared_at: when the tombstone was cleared. None before.
    """

    version: int
    name: str
    deleted_at: float
    tombstone: bool = True
    purged_at: float | None = None
    purge: int | None = None
    cleared_at: float | None = None


Trash = dict[int, Trashed]
"""By incarnation. Never changed in place; what was purged stays in it."""


def is_restorable(trash: Trash, incarnation: int) -> bool:
    return incarnation in trash and trash[incarnation].purged_at is None


def purged(trash: Trash, incarnation: int, version: int, at: float) -> Trash:
    """A copy in which this incarnation, which is there, has been purged."""
    entry = replace(trash[incarnation], version=version, name="", purged_at=at, purge=version)
    return {**trash, incarnation: entry}


def without_tombstone(trash: Trash, incarnation: int, version: int, at: float) -> Trash:
    """A copy in which this incarnation, if it is there, has none."""
    if incarnation not in trash:
        return trash
    entry = replace(trash[incarnation], version=version, tombstone=False, cleared_at=at)
    # What clients sent below the tombstone may have been stored after the purge, before its event was dropped.
    return {**trash, incarnation: entry if entry.purge is None else replace(entry, purge=version)}
