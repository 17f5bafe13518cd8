"""Whether the views hold what the log holds: the log's ends against the checkpoints of the live version."""

import asyncio
from collections.abc import Collection, Sequence

from command_api.adapters.polling import WAIT_SECONDS, Progressed, poll
from contracts.errors import Unavailable
from contracts.position import Position, TopicPartition
from contracts.topics import last_events
from stores.documents.port import DocumentReader
from stores.eventlog.port import EventLogReader
from stores.views import live_view, reaches


class PolledCheckpoints:
    """The ends are the log's own, not those of this process: another one may have appended. progressed: see `poll`."""

    def __init__(
        self,
        log: EventLogReader,
        documents: DocumentReader,
        *,
        progressed: Progressed = asyncio.sleep,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._log = log
        self._documents = documents
        self._progressed = progressed
        self._wait_seconds = wait_seconds

    async def __call__(self, places: Collection[TopicPartition]) -> bool:
        """See the port. Views that cannot be read have not come so far. Raises StoreUnavailable if the log is away."""
        wanted = await self._last_events(places)
        return not wanted or await poll(lambda: self._hold(wanted), self._progressed, self._wait_seconds)

    async def is_level(self, places: Collection[TopicPartition]) -> bool:
        """See the port. Raises as `__call__` does."""
        wanted = await self._last_events(places)
        return not wanted or await self._hold(wanted)

    async def _last_events(self, places: Collection[TopicPartition]) -> list[Position]:
        ends = await self._log.end_offsets()
        return [last for last in last_events(self._log.generation, ends) if last.topic_partition in places]

    async def _hold(self, positions: Sequence[Position]) -> bool:
        try:
            return await reaches(self._documents, (await live_view(self._documents)).view, positions)
        except Unavailable:
            return False
