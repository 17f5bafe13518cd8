"""Values that lie in the blob store because no event or document should hold them (claim checks)."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from contracts.errors import NotFound
from contracts.keys import blob_key, shared_blob_key
from contracts.trees import StoredValue, Tree, unpack
from stores.blobs.port import Blobs

MISSING = "(this value is missing from the blob store)"
"""What readers are shown in place of a value whose blob is gone: one lost blob must not fail a search over all runs."""

_AT_ONCE = 8
_CACHE_BYTES = 64 << 20


class BlobValues:
    """Gives stored values back. One per process: it keeps those used last, since every search reads the same ones."""

    def __init__(self, blobs: Blobs, cache_bytes: int = _CACHE_BYTES) -> None:
        self._blobs = blobs
        self._limit = cache_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._busy = asyncio.Semaphore(_AT_ONCE)

    async def load(self, run_id: str, wanted: Iterable[StoredValue]) -> dict[StoredValue, Tree]:
        """The values of one run, for `contracts.trees.with_values`. Raises StoreUnavailable."""
        # By the whole key: a run must not see content through another one's, even if it is the same.
        return await self._load({claim: blob_key(run_id, claim.hash) for claim in wanted})

    async def load_shared(self, wanted: Iterable[StoredValue]) -> dict[StoredValue, Tree]:
        """As `load`, of values that belong to no run."""
        return await self._load({claim: shared_blob_key(claim.hash) for claim in wanted})

    async def _load(self, keys: Mapping[StoredValue, str]) -> dict[StoredValue, Tree]:
        values = await asyncio.gather(*map(self._value, keys.values()))
        return dict(zip(keys, values, strict=True))

    async def _value(self, key: str) -> Tree:
        data = self._kept.get(key)
        if data is not None:
            self._kept.move_to_end(key)
            return unpack(data)
        try:
            async with self._busy:
                data = await self._blobs.get(key)
        except NotFound:
            return MISSING
        self._keep(key, data)
        return unpack(data)

    def _keep(self, key: str, data: bytes) -> None:
        if key in self._kept or len(data) > self._limit:
            return
        self._kept[key] = data
        self._bytes += len(data)
        while self._bytes > self._limit:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
