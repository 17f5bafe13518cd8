import random

from tests.replay.delivering import World, deliver_all, log_of
from tests.replay.random_log import random_records

from contracts.tables import POINTS, RUNS
from stores.documents.port import Put


async def filled(seed: int) -> World:
    world = World.of_fakes()
    await world.make()
    await deliver_all(world.projection(), await log_of(random_records(seed, 100)), random.Random(seed))
    return world


async def test_one_changed_field_is_a_difference_that_is_named() -> None:
    world = await filled(1)
    before = await world.dump()
    collection = "runs_v1"
    document = next(iter([each async for batch in world.documents.find(collection) for each in batch]))
    changed = {**document, "_v": document["_v"] + 1, "name": "something else"}
    await world.documents.commit([Put(collection, changed)])
    assert (await world.dump()).differences(before) == [f"{RUNS.name}/{document['_id']}"]


async def test_a_missing_point_is_a_difference() -> None:
    one, other = await (await filled(1)).dump(), await (await filled(1)).dump()
    assert one.differences(other) == []
    other.columns[POINTS].popitem()
    assert len(one.differences(other)) == 1


async def test_logs_that_differ_give_views_that_differ() -> None:
    assert (await (await filled(1)).dump()).differences(await (await filled(2)).dump())
