"""Blobs, as services see them. One adapter, `filesystem.py`, over fsspec: a folder (embedded) or S3 (cluster)."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import NamedTuple, Protocol


class StoredBlob(NamedTuple):
    """modified: when it was written last, seconds UTC by the store's clock."""

    key: str
    size: int
    modified: float


class Blobs(Protocol):
    """Keys are relative paths with `/`; a segment is never empty, `.` or `..` and holds no control character.

    A key has at most 900 bytes, a segment 255, and `?versionId=` is in none. A key that breaks this raises
    ValidationFailed before the store is touched. A key with blobs below it is no blob itself.
    """

    async def put(self, key: str, data: bytes) -> None:
        """Store whole and durably, replacing what was there; a reader sees the old or the new, never a part."""
        ...

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        """As `put`, holding a few chunks in memory; returns the bytes stored.

        If the iterator raises, or the caller is cancelled, what was there stays, and nothing else is left behind.
        """
        ...

    async def upload_url(self, key: str, seconds: int) -> str | None:
        """An address to which one who knows it may PUT this blob for so long; None if the store gives none out."""
        ...

    async def get(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes [start, stop). Raises NotFound."""
        ...

    def stream(self, key: str, chunk_bytes: int = 1 << 20) -> AsyncIterator[bytes]:
        """The bytes in chunks; raises NotFound before the first one."""
        ...

    async def size(self, key: str) -> int | None:
        """Bytes, or None if there is no such blob."""
        ...

    async def find(self, key: str) -> StoredBlob | None:
        """What is there under this very key now."""
        ...

    def listed(self, prefix: str) -> AsyncIterator[list[StoredBlob]]:
        """All blobs below the prefix, in batches that are never empty and in no order.

        What comes or goes meanwhile may be told or not. In a folder also what an upload that was killed left behind.
        """
        ...

    def uri(self, key: str) -> str:
        """Scheme, place and key of a blob, for people: what is there, or will be."""
        ...

    async def delete(self, prefix: str) -> None:
        """Remove the blob of this key and everything below it; nothing there is no error."""
        ...

    async def check(self) -> None: ...

    async def close(self) -> None: ...
