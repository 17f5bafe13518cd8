"""What happens to events of a worker whose partitions change hands at the worst moment. Needs no broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tests.fakes import FakeColumns, FakeDocuments
from tests.replay.delivering import NAMES

from contracts.topics import RUNS
from projector.runner.batch import Projection
from projector.runner.dead_letters import CollectedDeadLetters
from projector.runner.faust_worker import FaustSettings, FaustWorker
from stores.eventlog.port import Record


class NotedProjection(Projection):
    """Writes nothing; notes what it was asked for, in order: offsets, and None where it forgot."""

    def __init__(self) -> None:
        super().__init__(NAMES, 1, FakeDocuments(), FakeColumns(), CollectedDeadLetters())
        self.asked: list[int | None] = []

    async def apply(self, records: Sequence[Record]) -> Any:
        self.asked += [record.position.offset for record in records]

    async def forget(self) -> None:
        self.asked.append(None)


class Stream:
    """As Faust's, as far as the worker needs it."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[int] = asyncio.Queue()
        self.acknowledged: list[int] = []

    def noack(self) -> "Stream":
        return self

    async def events(self) -> AsyncIterator[Any]:
        while True:
            offset = await self.coming.get()
            message = SimpleNamespace(key=b"run", value=b"event", topic=RUNS, partition=0, offset=offset)
            yield SimpleNamespace(message=message)

    async def ack(self, event: Any) -> None:
        self.acknowledged.append(event.message.offset)


@pytest.mark.parametrize("turns", range(1, 12))
async def test_events_that_were_taken_before_a_hand_over_are_not_applied_after_it(turns: int) -> None:
    """`turns` of the loop between the event's arrival and the hand-over; in some of them it is between two hands."""
    projection, stream = NotedProjection(), Stream()
    worker = FaustWorker(FaustSettings(bootstrap="nowhere", group="projector", generation=1), projection)
    following = asyncio.create_task(worker._follow(stream))
    await asyncio.sleep(0.01)
    stream.coming.put_nowait(7)
    for _ in range(turns):
        await asyncio.sleep(0)
    await worker._hand_over()
    await asyncio.sleep(0.01)
    assert projection.asked[-1:] == [None]
    stream.coming.put_nowait(8)
    await asyncio.sleep(0.01)
    assert projection.asked[-1] == stream.acknowledged[-1] == 8
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
