"""Experiments: search, runs page by page, activity, notes."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import NAMES, NOW, World

from contracts import tables
from contracts.trees import pack, set_aside

BASE = "/api/v1/rest/experiments"


@pytest.fixture
async def world() -> World:
    """Two experiments; of the first, runs `r0` (the newest) to `r6`, of which `r2` is deleted and `r3` has an alias."""
    world = await World.make()
    await world.experiment("e1", "Speech 100%", description="d")
    await world.experiment("e2", "_vision", archived=True)
    await world.alias("e9", "e1", "experiment")
    for number in range(7):
        await world.run(
            f"r{number}",
            name=f"run {number}",
            experiment_id="e9" if number == 3 else "e1",
            phase="deleted" if number == 2 else "live",
            archived=number == 4,
            created_at=NOW - number,
            ended_at=NOW + 5 if number == 5 else None,
        )
    await world.run("other", experiment_id="e2", created_at=NOW - 3.5)
    await world.run("alone", created_at=NOW - 3.5)
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


async def ids(client: httpx.AsyncClient, query: str = "", experiment: str = "e1") -> list[str]:
    answer = await client.get(f"{BASE}/{experiment}/runs?{query}")
    assert answer.status_code == 200, answer.text
    return [run["run_id"] for run in answer.json()["runs"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["e1", "e2"]),
        ("%20", ["e1", "e2"]),
        ("sPEECH", ["e1"]),
        ("%20ion%20", ["e2"]),
        ("%25", ["e1"]),
        ("_", ["e2"]),
        ("s_eech", []),
    ],
)
async def test_experiments_are_found_by_a_part_of_their_name(
    client: httpx.AsyncClient, text: str, found: list[str]
) -> None:
    answer = await client.get(f"{BASE}/search?q={text}")
    assert answer.json() == [one for one in (await client.get(BASE)).json() if one["id"] in found]
    assert [one["id"] for one in answer.json()] == found


async def test_no_text_finds_all_with_all_that_the_list_says(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{BASE}/search")
    assert answer.json() == (await client.get(BASE)).json()
    assert [(one["run_count"], one["description"]) for one in answer.json()] == [(6, "d"), (1, None)]


async def test_runs_come_newest_first_archived_ones_too(client: httpx.AsyncClient) -> None:
    answer = (await client.get(f"{BASE}/e9/runs/")).json()
    assert answer["id"] == "e1"
    assert [run["run_id"] for run in answer["runs"]] == ["r0", "r1", "r3", "r4", "r5", "r6"]
    assert answer["runs"][0] == {
        "run_id": "r0", "name": "run 0", "creation_time": NOW, "end_time": None, "archived": False,
    }  # fmt: skip
    assert (answer["runs"][3]["archived"], answer["runs"][4]["end_time"]) == (True, NOW + 5)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limit=2", ["r0", "r1"]),
        ("limit=3", ["r0", "r1", "r3"]),
        ("limit=0", ["r0", "r1", "r3", "r4", "r5", "r6"]),
        ("limit=99", ["r0", "r1", "r3", "r4", "r5", "r6"]),
        ("limit=2&offset=r1", ["r3", "r4"]),
        ("offset=r4", ["r5", "r6"]),
        ("limit=0&offset=r4", ["r5", "r6"]),
        ("offset=r2", ["r3", "r4", "r5", "r6"]),
        ("offset=r6", []),
        ("limit=2&offset=unheard-of", ["r0", "r1"]),
        ("limit=1&offset=other", ["r4"]),
    ],
)
async def test_pages_go_on_behind_their_offset(client: httpx.AsyncClient, query: str, found: list[str]) -> None:
    """Deleted runs are left out before pages are cut, and one that is gone still says where the next page begins."""
    assert await ids(client, query) == found


async def test_pages_one_after_another_show_every_run_once(world: World, client: httpx.AsyncClient) -> None:
    for number in range(450):
        await world.run(f"same-{number:03}", experiment_id="e2", created_at=NOW)
    shown: list[str] = []
    while page := await ids(client, f"limit=201&offset={shown[-1] if shown else ''}", "e2"):
        shown += page
    assert shown == [*(f"same-{number:03}" for number in range(450)), "other"]
    assert await ids(client, experiment="e2") == shown


@pytest.mark.parametrize(("query", "status"), [("limit=-1", 400), ("limit=x", 422), ("limit=1.5", 422)])
async def test_a_limit_that_is_none_is_refused(client: httpx.AsyncClient, query: str, status: int) -> None:
    answer = await client.get(f"{BASE}/e1/runs?{query}")
    assert (answer.status_code, answer.json()["message"] != "") == (status, True)


async def test_activity_counts_the_experiments_runs_by_hour_of_the_callers_zone(
    world: World, client: httpx.AsyncClient
) -> None:
    answer = await client.get(f"{BASE}/e9/activity", headers={"X-Timezone-Offset": "-330"})
    assert answer.json() == {
        "num_runs": 6,
        "num_archived_runs": 1,
        "num_active_runs": 5,
        "activity_map": {"2026-01-01T05:00:00": 6},
    }
    await world.run("later", experiment_id="e1", created_at=NOW + 1_800)
    answer = await client.get(f"{BASE}/e1/activity")
    assert answer.json()["activity_map"] == {"2026-01-01T00:00:00": 2, "2025-12-31T23:00:00": 5}
    bad = await client.get(f"{BASE}/e1/activity", headers={"X-Timezone-Offset": "soon"})
    assert bad.status_code == 422


async def test_large_params_are_not_fetched_for_lists_and_counts(world: World, client: httpx.AsyncClient) -> None:
    """What is named here is in no store: to fetch it would fail."""
    claim, _ = set_aside("a text that is too large for a document")
    await world.run("heavy", experiment_id="e2", tag_ids=["t1"], claims=True)
    document = await world.documents.get(NAMES.collection(tables.RUNS), "heavy")
    assert document is not None
    await world.put(tables.RUNS, {**document, "_v": 1 << 20, "params": pack({"text": claim})})
    await world.tag("t1", "one")
    assert "heavy" in await ids(client, experiment="e2")
    for path in (f"{BASE}/e2/activity", "/api/projects/activity", "/api/tags/t1/runs", "/api/tags", BASE):
        assert (await client.get(path)).status_code == 200


async def test_notes_come_latest_first(world: World, client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{BASE}/e1/note")).json() == []
    await world.experiment_note("e1", "n1", "first", at=NOW)
    await world.experiment_note("e1", "n2", "second", at=NOW + 1)
    await world.experiment_note("e2", "n3", "of another", at=NOW + 2)
    found: list[dict[str, Any]] = (await client.get(f"{BASE}/e9/note/")).json()
    assert [note["id"] for note in found] == ["n2", "n1"]
    time = "2026-01-01T00:00:00.000000Z"
    assert found[1] == {"id": "n1", "content": "first", "created_at": time, "updated_at": time}
    single = await client.get(f"{BASE}/e1/note/n1")
    assert single.json() == {"id": "n1", "content": "first", "updated_at": time}


@pytest.mark.parametrize("note", ["n3", "unknown"])
async def test_a_note_is_found_through_its_own_experiment_alone(
    world: World, client: httpx.AsyncClient, note: str
) -> None:
    await world.experiment_note("e2", "n3", "of another", at=NOW)
    answer = await client.get(f"{BASE}/e1/note/{note}")
    assert answer.status_code == 404
    assert answer.json()["message"] == f"Note with id {note} is not found in this experiment."


@pytest.mark.parametrize("path", ["", "/runs", "/activity", "/note", "/note/n1"])
async def test_an_unknown_experiment_is_404_everywhere(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{BASE}/nope{path}")
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
