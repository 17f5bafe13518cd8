"""The same log gives the same views to the letter, however it is delivered and whenever the process dies."""

import random

import msgspec
import pytest
from tests.fakes import Crash, Faults
from tests.replay.delivering import World, deliver_all, log_of
from tests.replay.random_log import random_records

from contracts.events import EVENTS, CatalogEvent
from projector.recovery.dump import ViewDump
from stores.errors import StoreUnavailable


async def plain_views(seed: int, count: int) -> ViewDump:
    """Each partition in one go."""
    world = World.of_fakes()
    await world.make()
    log = await log_of(random_records(seed, count))
    projection = world.projection()
    for partition in await log.end_offsets():
        if partition.topic != "tallybook.dead-letters":
            await projection.apply(await log.read(partition, 0, max_records=count, max_bytes=1 << 30))
    return await world.dump()


@pytest.mark.parametrize("seed", range(6))
async def test_order_between_partitions_and_cuts_change_nothing(seed: int) -> None:
    expected = await plain_views(seed, 500)
    assert len(expected.documents["history"]) > 100
    assert expected.row_counts["points"] > 100
    assert all(count > 5 for count in expected.row_counts.values())
    assert all(expected.documents[name] for name in ("run_notes", "run_artifacts"))
    assert any(b"RunPurged" in entry and b"applied" in entry for entry in expected.documents["history"].values())
    log = await log_of(random_records(seed, 500))
    for one_by_one in (False, True):
        world = World.of_fakes(one_by_one=one_by_one)
        await world.make()
        await deliver_all(world.projection(), log, random.Random(seed + 1000))
        assert (await world.dump()).differences(expected) == []


async def test_random_logs_hold_every_event_of_the_catalog_and_some_of_each_are_applied() -> None:
    applied = set()
    for seed in range(6):
        history = (await plain_views(seed, 500)).documents["history"]
        entries = [msgspec.msgpack.decode(entry) for entry in history.values()]
        applied |= {entry["type"] for entry in entries if entry["outcome"] == "applied"}
    assert {event.__name__ for event in EVENTS if issubclass(event, CatalogEvent)} <= applied


async def places_reached(seed: int, count: int) -> range:
    """The places of delivering; making the empty views is over by then."""
    faults = Faults()
    world = World.of_fakes(faults, one_by_one=True)
    await world.make()
    made = len(faults.reached)
    await deliver_all(world.projection(), await log_of(random_records(seed, count)), random.Random(seed))
    return range(made, len(faults.reached))


@pytest.mark.parametrize("seed", range(3))
async def test_a_crash_at_any_point_of_any_commit_changes_nothing(seed: int) -> None:
    """At every place where the stores are touched: before columns, after columns, between any two documents, ..."""
    expected = await plain_views(seed, 60)
    log = await log_of(random_records(seed, 60))
    for place in await places_reached(seed, 60):
        faults = Faults()
        world = World.of_fakes(faults, one_by_one=True)
        await world.make()
        faults.fail_at(place)
        with pytest.raises(Crash):
            await deliver_all(world.projection(), log, random.Random(seed))
        await deliver_all(world.projection(), log, random.Random(place))
        assert (await world.dump()).differences(expected) == [], faults.reached[place]


@pytest.mark.parametrize("seed", range(3))
async def test_many_crashes_one_after_another_change_nothing(seed: int) -> None:
    expected = await plain_views(seed, 300)
    log = await log_of(random_records(seed, 300))
    chance = random.Random(seed)
    faults = Faults()
    world = World.of_fakes(faults, one_by_one=True)
    await world.make()
    for _ in range(60):
        faults.fail_at(len(faults.reached) + chance.randrange(60))
        try:
            await deliver_all(world.projection(), log, chance, longest=8)
        except Crash:
            continue
        break
    else:
        await deliver_all(world.projection(), log, chance)
    assert (await world.dump()).differences(expected) == []


@pytest.mark.parametrize("seed", range(3))
async def test_a_store_that_comes_and_goes_changes_nothing(seed: int) -> None:
    """The same process tries again in place; nothing of a half-written batch leaks into what follows."""
    expected = await plain_views(seed, 200)
    log = await log_of(random_records(seed, 200))
    faults = Faults()
    world = World.of_fakes(faults, one_by_one=True)
    await world.make()
    for place in range(3, 3000, 7):
        faults.fail_at(place, lambda: StoreUnavailable("away"))
    await deliver_all(world.projection(), log, random.Random(seed), longest=10)
    assert (await world.dump()).differences(expected) == []


async def test_invalid_events_are_found_once_whatever_the_order() -> None:
    log = await log_of(random_records(5, 1_000))
    found = []
    for seed in (1, 2):
        world = World.of_fakes()
        await world.make()
        await deliver_all(world.projection(), log, random.Random(seed))
        found.append(sorted(letter.id for letter in world.letters.letters))
    assert found[0] == found[1]
    assert len(found[0]) > 3
