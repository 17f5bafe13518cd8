"""Tags: search, and the runs of one."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.query_api.world import NOW, World

BASE = "/api/v1/rest/tags"


@pytest.fixture
async def world() -> World:
    world = await World.make()
    await world.tag("t1", "Prod", color="#fff")
    await world.tag("t2", "product", archived=True)
    await world.tag("t3", "50%_off")
    await world.alias("t9", "t1", "tag")
    await world.experiment("e1", "one")
    await world.run("a", name="first", tag_ids=["t1", "t3"], experiment_id="e1", created_at=NOW - 2, ended_at=NOW)
    await world.run("b", name="second", tag_ids=["t9", "t1"], experiment_id="gone", created_at=NOW - 1, archived=True)
    await world.run("c", tag_ids=["t1"], phase="deleted")
    await world.run("d", tag_ids=["gone"])
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ["t1", "t2", "t3"]), ("%20PROD ", ["t1", "t2"]), ("%25_", ["t3"]), ("p_o", []), ("t1", [])],
)
async def test_tags_are_found_by_a_part_of_their_name(client: httpx.AsyncClient, text: str, found: list[str]) -> None:
    answer = await client.get(f"{BASE}/search?q={text}")
    assert [tag["id"] for tag in answer.json()] == found
    assert answer.json() == [tag for tag in (await client.get(BASE)).json() if tag["id"] in found]


async def test_no_text_finds_all(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{BASE}/search/")).json() == (await client.get(BASE)).json()


async def test_runs_of_a_tag_come_newest_first_each_once(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{BASE}/t9/runs")
    assert answer.json() == {
        "id": "t1",
        "runs": [
            {"run_id": "b", "name": "second", "experiment": None, "creation_time": NOW - 1, "end_time": None},
            {"run_id": "a", "name": "first", "experiment": "one", "creation_time": NOW - 2, "end_time": NOW},
        ],
    }
    assert (await client.get(f"{BASE}/t2/runs/")).json() == {"id": "t2", "runs": []}


@pytest.mark.parametrize("tag_id", ["nope", "gone", "search"])
async def test_an_unknown_tag_has_no_runs(client: httpx.AsyncClient, tag_id: str) -> None:
    answer = await client.get(f"{BASE}/{tag_id}/runs")
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
