"""What became of events: read from the history by event id, until it shows them or the caller has waited enough."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from command_api.metrics import CommandMetrics
from contracts import tables
from contracts.errors import Unavailable
from contracts.read_models import HistoryEntry
from stores.documents.port import DocumentReader
from stores.views import live_view

WAIT_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.025

Progressed = Callable[[float], Awaitable[object]]
"""Returns when the views have moved on, or after so many seconds; which of both does not matter."""


class PolledOutcomes:
    """`progressed` is given where the projector lives in the same process: then nobody waits for a pause to end."""

    def __init__(
        self,
        documents: DocumentReader,
        metrics: CommandMetrics,
        *,
        progressed: Progressed = asyncio.sleep,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._documents = documents
        self._metrics = metrics
        self._progressed = progressed
        self._wait_seconds = wait_seconds

    async def wait(self, event_ids: Sequence[str]) -> list[HistoryEntry | None]:
        """See the port. A store that cannot be read is a view that does not show: the events are durable already."""
        found: dict[str, HistoryEntry] = {}
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._collect(event_ids, found)
        except TimeoutError:
            self._metrics.invisible.inc()
        return [found.get(event_id) for event_id in event_ids]

    async def _collect(self, event_ids: Sequence[str], found: dict[str, HistoryEntry]) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            missing = [event_id for event_id in event_ids if event_id not in found]
            found.update(await self._read(missing))
            if len(found) >= len(set(event_ids)):
                return
            await self._progressed(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _read(self, event_ids: Sequence[str]) -> dict[str, HistoryEntry]:
        try:
            history = (await live_view(self._documents)).collection(tables.HISTORY)
            documents = await self._documents.get_many(history, event_ids)
        except Unavailable:
            return {}
        return {event_id: msgspec.convert(document, HistoryEntry) for event_id, document in documents.items()}
