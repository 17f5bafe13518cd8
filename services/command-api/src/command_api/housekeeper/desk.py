"""What every duty is given, and how it appends."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.envelope import Header, Recorded, encode
from contracts.events import RunEvent
from contracts.tables import ViewNames
from contracts.topics import RUNS, last_events, partition_for
from stores.blobs.port import Blobs
from stores.documents.port import Documents
from stores.errors import StoreUnavailable
from stores.eventlog.port import EventLogReader, EventLogWriter, NewRecord
from stores.views import live_view, reaches

ACTOR = "housekeeper"
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Desk:
    """clock: seconds UTC. new_event_id: UUIDv7 text."""

    log: EventLogWriter
    reader: EventLogReader
    documents: Documents
    blobs: Blobs
    clock: Callable[[], float]
    new_event_id: Callable[[], str]

    async def append(self, run_events: Sequence[tuple[str, RunEvent]]) -> None:
        """Durable when it returns. run_events: (run id, event)."""
        await self.log.append([self._record(run_id, event) for run_id, event in run_events])

    def _record(self, run_id: str, event: RunEvent) -> NewRecord:
        header = Header(
            id=self.new_event_id(),
            key=run_id,
            recorded_at=self.clock(),
            generation=self.log.generation,
            actor=ACTOR,
        )
        value = encode(Recorded(header=header, event=event))
        return NewRecord(RUNS, partition_for(RUNS, run_id), run_id, value)


async def view_of_now(desk: Desk, patience_seconds: float) -> ViewNames | None:
    """The live view, once it holds all that the log held at the call; None if it does not come so far in time.

    A view that lags shows runs as silent that are not. Raises StoreUnavailable.
    """
    wanted = last_events(desk.reader.generation, await desk.reader.end_offsets())
    names = await live_view(desk.documents)
    deadline = asyncio.get_running_loop().time() + patience_seconds
    while not await reaches(desk.documents, names.view, wanted):
        if asyncio.get_running_loop().time() >= deadline:
            return None
        await asyncio.sleep(_POLL_SECONDS)
    return names


async def require_unswitched(desk: Desk, names: ViewNames) -> None:
    """Raises StoreUnavailable if the answers just given are not to be believed.

    A version that was replaced meanwhile may have been dropped before it was asked.
    """
    if await live_view(desk.documents) != names:
        raise StoreUnavailable("the views were switched; the next round asks the new ones")
