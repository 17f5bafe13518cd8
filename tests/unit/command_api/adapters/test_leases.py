import asyncio

import pytest
from tests.fakes import FakeDocuments, Faults

from command_api.adapters.leases import StoredLeases
from contracts.tables import LEASES
from stores.documents.port import Document
from stores.errors import StoreUnavailable


class Place:
    """Leases of one process over a store in memory, at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.faults = Faults()
        self.documents = FakeDocuments(faults=self.faults)
        ids = iter(range(100))
        self.leases = StoredLeases(self.documents, lambda: self.now, lambda: f"id-{next(ids)}")

    async def stored(self) -> list[tuple[str, float]]:
        found: list[Document] = [each async for batch in self.documents.find(LEASES.name) for each in batch]
        return sorted((each["run_id"], each["renewed_at"]) for each in found)


async def test_an_open_connection_is_renewed_until_it_ends() -> None:
    place = Place()
    with place.leases.hold("run-1"), place.leases.hold("run-2"):
        await place.leases.renew()
        assert await place.stored() == [("run-1", 1_000.0), ("run-2", 1_000.0)]
        place.now = 1_030.0
        await place.leases.renew()
        assert await place.stored() == [("run-1", 1_030.0), ("run-2", 1_030.0)]
    for place.now in (1_060.0, 1_090.0):
        await place.leases.renew()
    # Once more after the end, because it was there in between; then no more.
    assert max(at for _, at in await place.stored()) == 1_060.0


async def test_two_connections_of_a_run_have_a_lease_each() -> None:
    place = Place()
    with place.leases.hold("run-1"):
        with place.leases.hold("run-1"):
            await place.leases.renew()
        place.now = 1_030.0
        await place.leases.renew()
    assert (await place.stored()).count(("run-1", 1_030.0)) == 2, "the one that is open and the one that just ended"


async def test_requests_of_one_run_share_a_lease() -> None:
    place = Place()
    for _ in range(5):
        place.leases.touch("run-1")
    await place.leases.renew()
    place.now = 1_030.0
    await place.leases.renew()
    assert await place.stored() == [("run-1", 1_000.0)]


async def test_what_could_not_be_written_is_written_the_next_time() -> None:
    place = Place()
    place.leases.touch("run-1")
    place.faults.fail_next(lambda: StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await place.leases.renew()
    assert await place.stored() == []
    await place.leases.renew()
    assert await place.stored() == [("run-1", 1_000.0)]


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("a bug")], ids=["away", "bug"])
async def test_whatever_happens_they_are_kept(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command_api.adapters.leases.RENEWAL_SECONDS", 0.001)
    place = Place()
    place.faults.fail_next(lambda: error, 3)
    with place.leases.hold("run-1"):
        keeping = asyncio.create_task(place.leases.keep())
        async with asyncio.timeout(10):
            while not await place.stored():
                assert not keeping.done()
                await asyncio.sleep(0.001)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_nothing_is_written_when_nobody_is_there() -> None:
    place = Place()
    await place.leases.renew()
    assert place.faults.reached == []
