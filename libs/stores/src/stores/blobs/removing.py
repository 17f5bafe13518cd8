"""Removing one blob that was looked at, unless it is written anew meanwhile."""

from stores.blobs.port import Blobs, StoredBlob


async def remove_unchanged(blobs: Blobs, seen: StoredBlob) -> bool:
    """Whether it was removed. `seen`: as it was when somebody decided that nobody needs it. Raises StoreUnavailable.

    No store has a removal that fails when the blob changed; between this look and the removal are milliseconds.
    """
    if await blobs.find(seen.key) != seen:
        return False
    await blobs.delete(seen.key)
    return True
