"""Values too large for an event: set aside before the append, stored as blobs, named in the event by their hash."""

import asyncio
from collections.abc import Mapping

from contracts.blobs import Blob
from contracts.keys import blob_key, shared_blob_key
from contracts.trees import MAX_INLINE_BYTES, Tree, content_hash, pack, set_aside
from stores.blobs.port import Blobs

_AT_ONCE = 8
_MOST_BYTES_OF_A_CHARACTER = 4


class Claims:
    """What one message sets aside. Pure: nothing is stored until `store`.

    limit: a single value whose MessagePack is larger is set aside.
    """

    def __init__(self, limit: int = MAX_INLINE_BYTES) -> None:
        self._limit = limit
        self.blobs: dict[str, bytes] = {}
        """Bytes by content hash."""

    def value(self, value: Tree) -> Tree:
        """The value itself, or what stands for it. A text and a list are single values, an object's members are."""
        if isinstance(value, dict):
            return {key: self.value(member) for key, member in value.items()}
        if not isinstance(value, str | list | bytes) or self._is_small(value):
            return value
        claim, data = set_aside(value)
        self.blobs[claim.hash] = data
        return claim

    def whole(self, value: Tree) -> Tree:
        """As `value`, but an object is one single value too: of what nobody reads or changes in parts."""
        if self._is_small(value):
            return value
        claim, data = set_aside(value)
        self.blobs[claim.hash] = data
        return claim

    def content(self, data: bytes) -> Blob:
        """Bytes that are a blob whatever their size: of images and sounds."""
        name = content_hash(data)
        self.blobs[name] = data
        return Blob(hash=name, size=len(data))

    def _is_small(self, value: Tree) -> bool:
        if isinstance(value, str | bytes) and len(value) * _MOST_BYTES_OF_A_CHARACTER < self._limit:
            return True
        return len(pack(value)) <= self._limit


async def store(blobs: Blobs, run_id: str, content: Mapping[str, bytes]) -> None:
    """Durable when it returns. content: bytes by hash; storing the same again changes nothing.

    Before the append, always: an event must never name what is not there. Raises StoreUnavailable.
    """
    await _store(blobs, {blob_key(run_id, name): data for name, data in content.items()})


async def store_shared(blobs: Blobs, content: Mapping[str, bytes]) -> None:
    """As `store`, of what belongs to no run."""
    await _store(blobs, {shared_blob_key(name): data for name, data in content.items()})


async def _store(blobs: Blobs, content: Mapping[str, bytes]) -> None:
    """content: bytes by key."""
    if not content:
        return
    busy = asyncio.Semaphore(_AT_ONCE)

    async def put(key: str, data: bytes) -> None:
        async with busy:
            await blobs.put(key, data)

    await asyncio.gather(*(put(key, data) for key, data in content.items()))
