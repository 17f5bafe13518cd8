"""What an answer of objects holds at once."""

from tests.unit.query_api.world import World

from contracts.aimcodec.reader import items
from contracts.events import Figure
from contracts.keys import blob_key
from contracts.rest.run_reads import SeriesName
from contracts.trees import set_aside
from query_api.queries.object_ranges import Selection
from query_api.streaming.object_streams import object_batch_frames

STEPS = 12
MEBIBYTE = 1 << 20


async def test_large_figures_are_read_a_few_at_a_time() -> None:
    world = await World.make()
    await world.run("r")
    figures = {}
    for step in range(STEPS):
        claim, data = set_aside(f'"{step}"' + " " * (3 * MEBIBYTE))
        await world.blobs.put(blob_key("r", claim.hash), data)
        figures[step] = (Figure(claim),)
    await world.objects("r", "figures", "big", figures)
    get = world.blobs.get
    held = 0

    async def counted(key: str, start: int = 0, stop: int | None = None) -> bytes:
        nonlocal held
        data = await get(key, start, stop)
        held += len(data)
        return data

    world.blobs.get = counted  # type: ignore[method-assign]  # counts what is read between two frames
    reads = world.reads()
    run = await reads.runs.get("r")
    asked = [SeriesName("big", {})]
    body = b""
    async for frame in object_batch_frames(reads, "figures", run, asked, Selection(), None):
        assert held <= 9 * MEBIBYTE
        held = 0
        body += frame
    found = dict(items(body))
    assert [value["data"].strip() for value in found["values"]] == [f'"{step}"' for step in range(STEPS)]
    assert found["iters"] == list(range(STEPS))
