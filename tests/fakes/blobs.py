"""Blobs in memory."""

from collections.abc import AsyncIterable, AsyncIterator

from tests.fakes.faults import Faults

from contracts.errors import NotFound
from stores.blobs.keys import checked_key


class FakeBlobs:
    """`faults` is reached as `blobs.put` and `blobs.get` before each such call."""

    def __init__(self, faults: Faults | None = None) -> None:
        self._faults = faults or Faults()
        self.stored: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self._faults.reach("blobs.put")
        self.stored[checked_key(key)] = data

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

    def uri(self, key: str) -> str:
        return f"memory://{checked_key(key)}"

    async def delete(self, prefix: str) -> None:
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
