"""From frames of any size to chunks worth sending, the first one early."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import TypeVar

_T = TypeVar("_T")

SMALLEST = 32 << 10
LARGEST = 64 << 10

FLUSH = b""
"""A frame source gives this when it is about to wait: what is there is sent."""


async def in_chunks(frames: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Chunks of 32 to 64 KiB, but the first frame at once and the rest of each part at its flush.

    Closes the source when it ends or is closed itself.
    """
    waiting = bytearray()
    first = True
    async with aclosing(frames):
        async for frame in frames:
            waiting += frame
            early = bool(waiting) and (first or not frame)
            while len(waiting) > LARGEST:
                yield _take(waiting, LARGEST)
            if waiting and (early or len(waiting) >= SMALLEST):
                yield _take(waiting, LARGEST)
            first = first and not early
    if waiting:
        yield bytes(waiting)


def letting_go(items: list[_T]) -> Iterator[_T]:
    """Takes the items out of the list: a slow client keeps no more of them than are still to be sent."""
    items.reverse()
    while items:
        yield items.pop()


def _take(waiting: bytearray, size: int) -> bytes:
    chunk = bytes(waiting[:size])
    del waiting[:size]
    return chunk
