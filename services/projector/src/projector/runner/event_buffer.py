"""Batching of a stream that acknowledges nothing by itself: whatever came while the last batch was being written."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

Event = Any
"""An event of Faust, which ships no types."""


class EventBuffer:
    """One task fills it, one takes from it. Full means that the stream, and so the broker, has to wait."""

    def __init__(self, max_records: int, max_bytes: int, size_of: Callable[[Event], int]) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._events: list[Event] = []
        self._bytes = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def is_full(self) -> bool:
        return len(self._events) >= self._max_records or self._bytes >= self._max_bytes

    async def fill(self, events: AsyncIterator[Event]) -> None:
        """Put in all events; returns when the stream ends, raises what the stream raises."""
        async for event in events:
            self._events.append(event)
            self._bytes += self._size_of(event)
            self._filled.set()
            if self.is_full:
                self._room.clear()
                await self._room.wait()

    async def take(self) -> list[Event]:
        """Everything that is there, at least one event; waits for it."""
        await self._filled.wait()
        events = self._events
        self._empty()
        return events

    def clear(self) -> None:
        """Forget what is there: it is delivered again to whom its partitions belong now."""
        self._empty()

    def _empty(self) -> None:
        self._events = []
        self._bytes = 0
        self._filled.clear()
        self._room.set()
