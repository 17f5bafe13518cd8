"""Blobs in memory."""

from collections.abc import AsyncIterable, AsyncIterator, Callable

from tests.fakes.faults import Faults

from contracts.errors import NotFound
from stores.blobs.keys import checked_key
from stores.blobs.port import StoredBlob


class FakeBlobs:
    """`faults` is reached as `blobs.put`, `blobs.get`, `blobs.list` and `blobs.delete` before each such call.

    clock: what blobs that are put say of when they were written.
    """

    def __init__(self, faults: Faults | None = None, clock: Callable[[], float] = lambda: 0.0) -> None:
        self._faults = faults or Faults()
        self._clock = clock
        self._modified: dict[str, float] = {}
        self.stored: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self._faults.reach("blobs.put")
        self.stored[checked_key(key)] = data
        self._modified[key] = self._clock()

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        data = b"".join([chunk async for chunk in chunks])
        await self.put(key, data)
        return len(data)

    async def upload_url(self, key: str, seconds: int) -> str | None:
        return None

    async def get(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        self._faults.reach("blobs.get")
        return self._found(key)[start:stop]

    async def stream(self, key: str, chunk_bytes: int = 1 << 20) -> AsyncIterator[bytes]:
        data = self._found(key)
        for start in range(0, len(data), chunk_bytes):
            yield data[start : start + chunk_bytes]

    async def size(self, key: str) -> int | None:
        found = self.stored.get(checked_key(key))
        return None if found is None else len(found)

    async def find(self, key: str) -> StoredBlob | None:
        found = self.stored.get(checked_key(key))
        return None if found is None else StoredBlob(key, len(found), self._modified.get(key, 0.0))

    async def listed(self, prefix: str) -> AsyncIterator[list[StoredBlob]]:
        self._faults.reach("blobs.list")
        for key in sorted(self.stored):
            if key.startswith(f"{checked_key(prefix)}/"):
                yield [StoredBlob(key, len(self.stored[key]), self._modified.get(key, 0.0))]

    def uri(self, key: str) -> str:
        return f"memory://{checked_key(key)}"

    async def delete(self, prefix: str) -> None:
        self._faults.reach("blobs.delete")
        below = f"{checked_key(prefix)}/"
        self.stored = {key: data for key, data in self.stored.items() if key != prefix and not key.startswith(below)}

    async def check(self) -> None:
        self._faults.reach("blobs.check")

    async def close(self) -> None:
        """Nothing is open."""

    def _found(self, key: str) -> bytes:
        try:
            return self.stored[checked_key(key)]
        except KeyError:
            raise NotFound(f"no blob {key}") from None
