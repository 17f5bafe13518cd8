"""What became of events: read from the history by event id, until it shows them or the caller has waited enough."""

import asyncio
from collections.abc import Sequence

from command_api.adapters.polling import WAIT_SECONDS, Progressed, poll
from command_api.metrics import CommandMetrics
from contracts import tables
from contracts.errors import Unavailable
from contracts.read_models import HistoryEntry, from_document
from stores.documents.port import DocumentReader
from stores.views import live_view


class PolledOutcomes:
    """progressed: see `poll`."""

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
        wanted = set(event_ids)

        async def are_shown() -> bool:
            found.update(await self._read([event_id for event_id in event_ids if event_id not in found]))
            return len(found) >= len(wanted)

        if not await poll(are_shown, self._progressed, self._wait_seconds):
            self._metrics.invisible.inc()
        return [found.get(event_id) for event_id in event_ids]

    async def _read(self, event_ids: Sequence[str]) -> dict[str, HistoryEntry]:
        try:
            history = (await live_view(self._documents)).collection(tables.HISTORY)
            documents = await self._documents.get_many(history, event_ids)
        except Unavailable:
            return {}
        return {event_id: from_document(document, HistoryEntry) for event_id, document in documents.items()}
