"""Notes that lie in the blob store: shown whole, a few at a time, and read only by who shows them or asks for them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.query_api.world import NOW, BlobReads, Logged, World, runs_of

from contracts.events import Text
from contracts.keys import blob_key
from contracts.trees import set_aside
from query_api.queries.experiment_notes import experiment_notes
from query_api.queries.run_notes import run_notes
from query_api.streaming.notes_json import notes_json
from stores.blobs.values import MISSING

REST = "/api/v1/rest"
OWNERS = ["/runs/r", "/experiments/e"]
LARGE = "a line of a long note \u00e4\n" * 20_000
MEBIBYTE = 1 << 20


@pytest.fixture
async def world() -> World:
    """Run `r` and experiment `e` have the same notes; run `plain` has one that is no blob, and large params."""
    world = await World.make()
    await world.experiment("e", "e")
    await world.run("r", Logged("loss", [1.0]), created_at=NOW)
    await world.objects("r", "texts", "said", {0: (Text("word"),)})
    await world.run("plain", Logged("loss", [2.0]), params={"large": await world.large("plain", LARGE)})
    await world.note("plain", "n", "small", NOW)
    for number, text in enumerate(["small", LARGE, "other"]):
        large = text == LARGE
        await world.note("r", f"n{number}", await world.large("r", text) if large else text, NOW + number)
        shared = await world.large_shared(text) if large else text
        await world.experiment_note("e", f"n{number}", shared, NOW + number)
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


@pytest.mark.parametrize("owner", OWNERS)
async def test_a_large_note_is_shown_whole_in_its_place(client: httpx.AsyncClient, owner: str) -> None:
    listed = await client.get(f"{REST}{owner}/note/")
    assert listed.headers["Content-Type"] == "application/json"
    assert [(note["id"], note["content"]) for note in listed.json()] == [
        ("n2", "other"),
        ("n1", LARGE),
        ("n0", "small"),
    ]
    time = "2026-01-01T00:00:01.000000Z"
    assert listed.json()[1] == {"id": "n1", "content": LARGE, "created_at": time, "updated_at": time}
    single = await client.get(f"{REST}{owner}/note/n1")
    assert single.json() == {"id": "n1", "content": LARGE, "updated_at": time}


@pytest.mark.parametrize("owner", OWNERS)
async def test_one_small_note_reads_no_blob(world: World, client: httpx.AsyncClient, owner: str) -> None:
    gets = BlobReads(world)
    assert (await client.get(f"{REST}{owner}/note/n0")).json()["content"] == "small"
    assert gets.keys == []


async def test_a_note_whose_blob_is_gone_fails_no_list(world: World, client: httpx.AsyncClient) -> None:
    """A run's blob is not the experiment's, even if it is the same."""
    claim, _ = set_aside(LARGE)
    await world.blobs.delete(blob_key("r", claim.hash))
    assert [note["content"] for note in (await client.get(f"{REST}/runs/r/note")).json()] == ["other", MISSING, "small"]
    assert (await client.get(f"{REST}/runs/r/note/n1")).json()["content"] == MISSING
    assert (await client.get(f"{REST}/experiments/e/note/n1")).json()["content"] == LARGE


@pytest.mark.parametrize("kind", ["run", "metric", "texts"])
@pytest.mark.parametrize("query", ["'long note' in run.notes[1]", f"len(run.notes[1]) == {len(LARGE)}"])
async def test_a_query_finds_what_is_in_large_notes(client: httpx.AsyncClient, kind: str, query: str) -> None:
    query = f"len(run.notes) == 3 and {query}"
    answer = await client.get(f"{REST}/runs/search/{kind}", params={"q": query})
    assert answer.status_code == 200, answer.text
    assert list(runs_of(answer.content)) == ["r"]


async def test_a_query_about_notes_reads_nothing_of_runs_whose_notes_are_small(
    world: World, client: httpx.AsyncClient
) -> None:
    gets = BlobReads(world)
    query = {"q": "run.hash == 'plain' and 'small' in run.notes", "exclude_params": "true"}
    assert list(runs_of((await client.get(f"{REST}/runs/search/run", params=query)).content)) == ["plain"]
    assert gets.keys == []


@pytest.mark.parametrize("owner", OWNERS)
async def test_many_large_notes_are_read_a_few_at_a_time(world: World, owner: str) -> None:
    for number in range(12):
        text = f"{number}" + " " * (3 * MEBIBYTE)
        if owner == "/runs/r":
            await world.note("r", f"m{number}", await world.large("r", text), NOW - number)
        else:
            await world.experiment_note("e", f"m{number}", await world.large_shared(text), NOW - number)
    reads, gets = world.reads(), BlobReads(world)
    parts = await (run_notes(reads, "r") if owner == "/runs/r" else experiment_notes(reads, "e"))
    found = 0
    async for piece in notes_json(parts):
        assert gets.bytes <= 9 * MEBIBYTE
        gets.bytes = 0
        found += bool(piece)
    assert found == 3 + 12 + 1
    assert len(gets.keys) == 1 + 12
