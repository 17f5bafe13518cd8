"""The server ends and comes back under a running client: what was acknowledged is there once, and the run goes on."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.clients.matyan.playing import Played, events_of, rest_of, run_script
from tests.clients.matyan.proxy import Recording, proxied
from tests.clients.matyan.reading import read_run
from tests.e2e.product import Product, product_on, running

_RUN = "0123456789abcdef0123456789abcdef"
_BACK_SECONDS = 90.0
"""The client tries again at once, then after up to 5 s, then after 3, and after ever longer pauses."""
_FRAMES = 20
"""Before the server ends, and after it came back."""


def _stop(product: Product) -> None:
    product.process.stop()


def _kill(product: Product) -> None:
    product.process.kill()


@pytest.mark.parametrize("end", [_stop, _kill], ids=["stopped", "killed"])
def test_a_client_goes_on_after_its_server_came_back(
    end: Callable[[Product], None], client_folder: Path, request: pytest.FixtureRequest
) -> None:
    product = product_on(client_folder / f"data-{request.node.callspec.id}")
    with running(product):
        one = asyncio.run(_play(product, end))
    one.events = asyncio.run(events_of(product.data / "events.sqlite"))[_RUN]
    assert one.status == 0, one.errors
    assert one.sent.connections >= 2
    acknowledged, kept = one.points_sent(), one.points_in_log()
    # Of points that nobody answered some may be there: the last frame before the end, which the client drops.
    assert [point for point in kept if point in set(acknowledged)] == acknowledged
    assert len(kept) == len(set(kept))
    steps = {int(step) for _, _, step, _ in kept}
    (metric,) = one.shown["at once"]["metrics"]
    assert metric["iters"] == sorted(steps)
    assert metric["values"] == [float(step) for step in sorted(steps)]
    assert one.said["tracked"] - 1 in steps, "the run went on to its end"


async def _play(product: Product, end: Callable[[Product], None]) -> Played:
    end_file = product.data.with_name(f"{product.data.name}.end")
    async with proxied(product, "none") as (frontier, backend, recording):
        script = asyncio.create_task(run_script("points-until-told", frontier, backend, _RUN, end_file))
        await _until(recording, _FRAMES)
        await asyncio.to_thread(end, product)
        before = len(recording.frames)
        await asyncio.to_thread(product.process.start)
        await _until(recording, before + _FRAMES)
        end_file.touch()
        one = Played(_RUN, recording, *await script)
    async with rest_of(product) as http:
        (await http.post(f"/runs/{_RUN}/tags/new/", json={"tag_name": "read"})).raise_for_status()
        one.shown["at once"] = await read_run(http, _RUN)
    return one


async def _until(recording: Recording, frames: int) -> None:
    async with asyncio.timeout(_BACK_SECONDS):
        while len(recording.frames) < frames:
            await asyncio.sleep(0.05)
