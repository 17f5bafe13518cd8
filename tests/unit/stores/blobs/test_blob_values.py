import asyncio

import pytest
from tests.fakes import FakeBlobs, Faults

from contracts.keys import blob_key
from contracts.trees import StoredValue, Tree, set_aside
from stores.blobs.values import MISSING, BlobValues
from stores.errors import StoreUnavailable


def stored(blobs: FakeBlobs, value: Tree, run_id: str = "run-1") -> StoredValue:
    claim, data = set_aside(value)
    blobs.stored[blob_key(run_id, claim.hash)] = data
    return claim


async def test_values_come_back_by_claim() -> None:
    blobs = FakeBlobs()
    text, listed = stored(blobs, "a text"), stored(blobs, [1, {"a": 1 << 80}])
    values = BlobValues(blobs)
    assert await values.load("run-1", [text, listed, text]) == {text: "a text", listed: [1, {"a": 1 << 80}]}
    assert await values.load("run-1", []) == {}


async def test_a_value_that_is_gone_says_so() -> None:
    blobs = FakeBlobs()
    claim, _ = set_aside("x")
    assert await BlobValues(blobs).load("run-1", [claim]) == {claim: MISSING}


async def test_a_run_sees_its_own_content_alone() -> None:
    blobs = FakeBlobs()
    claim = stored(blobs, "x", "run-1")
    values = BlobValues(blobs)
    await values.load("run-1", [claim])
    assert await values.load("run-2", [claim]) == {claim: MISSING}


async def test_a_store_that_is_away_is_no_missing_value() -> None:
    faults = Faults()
    blobs = FakeBlobs(faults)
    claim = stored(blobs, "x")
    faults.fail_next(lambda: StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await BlobValues(blobs).load("run-1", [claim])


async def test_values_used_last_are_kept_as_far_as_there_is_room() -> None:
    faults = Faults()
    blobs = FakeBlobs(faults)
    claims = [stored(blobs, str(number) * 100) for number in range(5)]
    values = BlobValues(blobs, cache_bytes=250)
    for claim in (claims[0], claims[1], claims[0], claims[2], claims[0], claims[2]):
        await values.load("run-1", [claim])
    assert faults.reached.count("blobs.get") == 3
    await values.load("run-1", [claims[1]])
    assert faults.reached.count("blobs.get") == 4


async def test_a_value_larger_than_the_room_is_read_each_time() -> None:
    faults = Faults()
    blobs = FakeBlobs(faults)
    claim = stored(blobs, "x" * 1_000)
    values = BlobValues(blobs, cache_bytes=100)
    for _ in range(3):
        await values.load("run-1", [claim])
    assert faults.reached.count("blobs.get") == 3


async def test_what_is_kept_cannot_be_changed_by_who_got_it() -> None:
    blobs = FakeBlobs()
    claim = stored(blobs, [1])
    values = BlobValues(blobs)
    (await values.load("run-1", [claim]))[claim].append(2)
    assert await values.load("run-1", [claim]) == {claim: [1]}


async def test_many_callers_at_once_fill_the_room_once() -> None:
    blobs = FakeBlobs()
    claims = [stored(blobs, str(number) * 100) for number in range(20)]
    values = BlobValues(blobs, cache_bytes=10_000)
    found = await asyncio.gather(*(values.load("run-1", claims) for _ in range(4)))
    assert all(one == found[0] for one in found)
