"""Rows 24 to 38: objects of many steps, values in the blob store, steps from the end."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from tests.unit.query_api.world import World, runs_of, salts

from contracts import tables
from contracts.aimcodec.arrays import read_numeric_array
from contracts.aimcodec.reader import items
from contracts.blobs import Blob
from contracts.events import Distribution, Figure, Image, Text
from contracts.keys import blob_key, trash_id, upload_place
from contracts.read_models import TrashedRun, to_document
from contracts.trees import set_aside
from query_api.queries.blob_references import BlobReferences, Reference

MANY = 2_500


async def _world() -> World:
    world = await World.make()
    await world.run("r")
    await world.objects("r", "texts", "long", {step: (Text(f"{step}"), Text("second")) for step in range(MANY)})
    await world.objects("r", "texts", "short", {step: (Text(f"s{step}"),) for step in (3, 7)})
    await world.objects("r", "figures", "plot", {0: (Figure({"x": [float("nan"), 1]}),), 4: (Figure("{}"),)})
    return world


def _sequences(body: bytes) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for key, tree in items(body):
        if key == "name":
            groups.append({})
        groups[-1][str(key)] = tree
    return groups


@pytest.mark.parametrize("kind", ["images", "texts", "distributions", "audios", "figures"])
async def test_rows_24_to_38_answer_for_every_kind(kind: str) -> None:
    async with (await _world()).client() as client:
        search = await client.get(f"/api/runs/search/{kind}", params={"q": "()"})
        assert (search.status_code, search.content) == (200, b"")
        for row in ("get-batch", "get-step"):
            answer = await client.post(f"/api/runs/r/{kind}/{row}", json=[{"name": "unknown", "context": {}}])
            assert (answer.status_code, answer.content) == (200, b"")
            missing = await client.post(f"/api/runs/s/{kind}/{row}", json=[])
            assert (missing.status_code, missing.json()["message"]) == (404, "Run not found.")


async def test_row_25_sends_series_whose_steps_take_several_reads() -> None:
    async with (await _world()).client() as client:
        answer = await client.get("/api/runs/search/texts", params={"q": "", "record_density": MANY})
    found = runs_of(answer.content)["r"]
    assert found["ranges"]["record_range_total"] == [0, MANY]
    long, short = found["traces"]
    assert long["iters"] == list(range(MANY))
    assert [[one["data"] for one in step] for step in long["values"]] == [[f"{step}", "second"] for step in range(MANY)]
    assert (short["iters"], short["epochs"], short["timestamps"]) == ([3, 7], [None, None], [3.0, 7.0])


async def test_row_30_gives_groups_in_the_order_of_the_request_empty_ones_included() -> None:
    body: list[dict[str, Any]] = [{"name": name, "context": {}} for name in ("short", "unknown", "long", "short")]
    async with (await _world()).client() as client:
        answer = await client.post(
            "/api/runs/r/texts/get-batch", json=body, params={"record_range": "10:12", "index_range": "1:"}
        )
    first, second, third = _sequences(answer.content)
    assert (first["name"], first["values"], first["iters"]) == ("short", [], [])
    assert (second["name"], second["iters"]) == ("long", [10, 11])
    assert second["values"] == [[{"data": "second", "index": 1}]] * 2
    assert third == first
    assert first["record_range_used"] == [10, 12]
    assert first["index_range_used"] == first["index_range"] == [1, 2]


@pytest.mark.parametrize(
    ("step", "found"), [(-1, [MANY - 1]), (-10, [MANY - 10]), (7, [7]), (MANY, None), (-9_999, None)]
)
async def test_row_35_gives_one_step_or_leaves_the_series_out(step: int, found: list[int] | None) -> None:
    async with (await _world()).client() as client:
        answer = await client.post(
            "/api/runs/r/texts/get-step", json=[{"name": "long", "context": {}}], params={"record_step": step}
        )
    assert [one["iters"] for one in _sequences(answer.content)] == ([] if found is None else [found])


async def test_row_33_sends_figures_as_json_that_browsers_read() -> None:
    async with (await _world()).client() as client:
        answer = await client.post("/api/runs/r/figures/get-batch", json=[{"name": "plot", "context": {}}])
    (found,) = _sequences(answer.content)
    assert found["values"] == [{"data": '{"x":[null,1]}'}, {"data": "{}"}]
    assert "index_range" not in found


async def test_row_31_puts_large_weights_in_their_place() -> None:
    world = await _world()
    claim, data = set_aside(np.arange(4, dtype="<f4").tobytes())
    await world.blobs.put(blob_key("r", claim.hash), data)
    await world.objects("r", "distributions", "w", {0: (Distribution(claim, "float32", 4, (0.0, 1.0)),)})
    async with world.client() as client:
        answer = await client.post("/api/runs/r/distributions/get-batch", json=[{"name": "w", "context": {}}])
    ((value,),) = (one["values"] for one in _sequences(answer.content))
    assert read_numeric_array(value["data"]).tolist() == [0, 1, 2, 3]
    assert (value["bin_count"], value["range"]) == (4, [0.0, 1.0])


async def test_row_39_opens_references_as_long_as_they_serve() -> None:
    world = await _world()
    data = b"bytes of an image"
    blob = Blob(hash=hashlib.sha256(data).hexdigest())
    await world.blobs.put(blob_key("r", str(blob.hash)), data)
    await world.objects("r", "images", "gen", {0: (Image(blob, "png", "", 1, 1),)})
    async with world.client() as client:
        batch = await client.post("/api/runs/r/images/get-batch", json=[{"name": "gen", "context": {}}])
        ((token,),) = ([one["blob_uri"] for one in step] for step in _sequences(batch.content)[0]["values"])
        for asked in ([token], [token, "forged", token], ["", "x" * 10_000, token, "\u00e9"]):
            opened = await client.post("/api/runs/images/get-batch", content=json.dumps(asked))
            assert list(items(opened.content)) == [(token, data)]
        foreign = BlobReferences(b"another product", 10**9, salts()).make(Reference("r", 0, blob), world.clock)
        world.clock += 30 * 86_400
        late = await client.post("/api/runs/images/get-batch", json=[token, foreign])
    assert (late.status_code, late.content) == (200, b"")


async def opened_by_key(world: World, key: str) -> list[bytes]:
    """What readers of run `r` get for an image that has nothing but the key of its client."""
    await world.objects("r", "images", "gen", {0: (Image(Blob(key=key), "png", "", 1, 1),)})
    async with world.client() as client:
        batch = await client.post("/api/runs/r/images/get-batch", json=[{"name": "gen", "context": {}}])
        ((token,),) = ([one["blob_uri"] for one in step] for step in _sequences(batch.content)[0]["values"])
        opened = await client.post("/api/runs/images/get-batch", json=[token])
    return [data for _, data in items(opened.content)]


async def test_row_39_opens_what_was_uploaded_for_an_image_and_never_announced() -> None:
    world = await _world()
    assert await opened_by_key(world, "r/seq/gen/0.png") == [], "it has not come yet"
    await world.blobs.put(upload_place("r/seq/gen/0.png"), b"bytes")
    assert await opened_by_key(world, "r/seq/gen/0.png") == [b"bytes"]


@pytest.mark.parametrize("key", ["s/seq/gen/0.png", "r/../s/seq/gen/0.png", "r/seq/../../s/seq/gen/0.png", "r/0.png"])
async def test_row_39_opens_no_upload_of_another_run_and_none_that_is_for_no_image(key: str) -> None:
    world = await _world()
    await world.run("s")
    for uploaded in ("s/seq/gen/0.png", "r/0.png"):
        await world.blobs.put(upload_place(uploaded), b"bytes")
    assert await opened_by_key(world, key) == []


@pytest.mark.parametrize(("cleared_at", "opened"), [(0.5, [b"bytes"]), (60.0, []), (None, [])])
async def test_row_39_opens_no_upload_of_the_incarnation_before(cleared_at: float | None, opened: list[bytes]) -> None:
    """The key names none, so the time decides: a newer one begins after the tombstone was cleared."""
    world = await _world()
    before = TrashedRun(
        id=trash_id("r", -1), version=1, run_id="r", incarnation=-1, name="", deleted_at=0.0, tombstone=False,
        purged_at=None, purge=None, partition=0, cleared_at=cleared_at,
    )  # fmt: skip
    await world.put(tables.TRASH, to_document(before))
    await world.blobs.put(upload_place("r/seq/gen/0.png"), b"bytes")
    assert await opened_by_key(world, "r/seq/gen/0.png") == opened


@pytest.mark.parametrize("query", [{"record_density": "0"}, {"index_density": "-1"}, {"index_range": "x"}])
async def test_bad_ranges_and_densities_are_refused(query: dict[str, str]) -> None:
    async with (await _world()).client() as client:
        searched = await client.get("/api/runs/search/figures", params=query)
        batch = await client.post("/api/runs/r/figures/get-batch", params=query, json=[])
    assert (searched.status_code, batch.status_code) == (400, 400)
