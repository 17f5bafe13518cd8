"""Whether the views hold what the log holds: the log's ends against the checkpoints of the live version."""

import asyncio
from collections.abc import Collection, Mapping

from command_api.adapters.polling import WAIT_SECONDS, Progressed, poll
from contracts.errors import Unavailable
from contracts.position import TopicPartition
from stores.documents.port import DocumentReader
from stores.eventlog.port import EventLogReader
from stores.views import live_view


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
        ends = await self._log.end_offsets()
        wanted = {place: ends[place] for place in places if ends.get(place, 0)}
        return not wanted or await poll(lambda: self._hold(wanted), self._progressed, self._wait_seconds)

    async def _hold(self, ends: Mapping[TopicPartition, int]) -> bool:
        try:
            checkpoints = await self._documents.checkpoints((await live_view(self._documents)).view)
        except Unavailable:
            return False
        return all(
            place in checkpoints
            and (checkpoints[place].generation, checkpoints[place].offset) >= (self._log.generation, end - 1)
            for place, end in ends.items()
        )
