"""A caller who brings the token of what it wrote reads it, or waits no longer than it must."""

import asyncio

from tests.fakes import FakeDocuments
from tests.unit.query_api.world import NAMES, World

from contracts.position import Position, encode_token
from query_api.queries.positions import wait_for
from stores.documents.port import Checkpoint

WANTED = Position(1, "tallybook.runs", 3, 7)


async def _reach(documents: FakeDocuments, offset: int, generation: int = 1) -> None:
    await documents.commit([], [Checkpoint(NAMES.view, generation, WANTED.topic, WANTED.partition, offset)])


class Ticks:
    """A clock that moves by `step` seconds with each look."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def test_views_that_hold_the_position_are_read_at_once() -> None:
    documents = FakeDocuments()
    await _reach(documents, 7)
    assert await wait_for(documents, NAMES.view, [WANTED], Ticks(100.0))


async def test_views_that_come_to_the_position_end_the_wait() -> None:
    documents = FakeDocuments()
    await _reach(documents, 6)
    waiting = asyncio.create_task(wait_for(documents, NAMES.view, [WANTED], Ticks(0.0)))
    await asyncio.sleep(0)
    assert not waiting.done()
    await _reach(documents, 8)
    assert await waiting


async def test_the_wait_ends_where_the_views_do_not_come() -> None:
    documents = FakeDocuments()
    assert not await wait_for(documents, NAMES.view, [WANTED], Ticks(0.7))


async def test_nothing_to_wait_for() -> None:
    assert await wait_for(FakeDocuments(), NAMES.view, [], Ticks(0.0))


async def test_a_request_waits_for_its_token_and_refuses_one_that_is_none() -> None:
    world = await World.make()
    await _reach(world.documents, 7)
    async with world.client() as client:
        headers = {"X-Tallybook-Position": encode_token([WANTED])}
        assert (await client.get("/api/tags", headers=headers)).status_code == 200
        answer = await client.get("/api/tags", headers={"X-Tallybook-Position": "!"})
        assert (answer.status_code, answer.json()["message"]) == (400, "Invalid position token")
