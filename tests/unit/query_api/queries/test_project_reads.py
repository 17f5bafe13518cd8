"""Experiments, tags, the project and what users saved: lists and counts."""

import math
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import NOW, Logged, World

from contracts import tables
from contracts.trees import pack

BASE = "/api/v1/rest"


@pytest.fixture
async def world() -> World:
    return await World.make()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


async def test_experiments_count_their_runs_by_every_id_that_means_them(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.experiment("e1", "zeta", archived=True, description="")
    await world.experiment("e2", "alpha")
    await world.alias("e9", "e1", "experiment")
    await world.run("a", experiment_id="e1")
    await world.run("b", experiment_id="e9", archived=True)
    await world.run("c", experiment_id="e1", phase="deleted")
    found = (await client.get(f"{BASE}/experiments")).json()
    assert [(one["id"], one["name"], one["run_count"], one["archived"]) for one in found] == [
        ("e1", "zeta", 2, True),
        ("e2", "alpha", 0, False),
    ]
    assert found[0]["description"] is None
    assert (await client.get(f"{BASE}/experiments/e1")).json() == found[0]
    assert (await client.get(f"{BASE}/experiments/e9")).json() == found[0]


async def test_tags_count_a_run_once(world: World, client: httpx.AsyncClient) -> None:
    await world.tag("t1", "prod", color="", description="of use")
    await world.tag("t2", "old", archived=True)
    await world.alias("t9", "t1", "tag")
    await world.run("a", tag_ids=["t1", "t9"])
    await world.run("b", tag_ids=["t9", "t2"], archived=True)
    await world.run("c", tag_ids=["t1"], phase="deleted")
    found = (await client.get(f"{BASE}/tags")).json()
    assert found == [
        {"id": "t1", "name": "prod", "color": None, "description": "of use", "run_count": 2, "archived": False},
        {"id": "t2", "name": "old", "color": None, "description": None, "run_count": 1, "archived": True},
    ]
    assert (await client.get(f"{BASE}/tags/t9")).json() == found[0]


@pytest.mark.parametrize("path", ["experiments/nope", "tags/nope", "tags/00000000-0000-4000-8000-000000000001"])
async def test_unknown_ids_are_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{BASE}/{path}")
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


async def test_activity_is_by_hour_of_the_callers_zone(world: World, client: httpx.AsyncClient) -> None:
    await world.experiment("e1", "one")
    await world.run("a", created_at=NOW + 59, ended_at=NOW + 60)
    await world.run("b", created_at=NOW + 3_599.9, archived=True)
    await world.run("c", created_at=NOW - 1)
    await world.run("d", phase="deleted")
    answer = await client.get(f"{BASE}/projects/activity", headers={"X-Timezone-Offset": "-330"})
    assert answer.json() == {
        "num_experiments": 1,
        "num_runs": 3,
        "num_archived_runs": 1,
        "num_active_runs": 2,
        "activity_map": {"2026-01-01T05:00:00": 2, "2026-01-01T06:00:00": 1},
    }


@pytest.mark.parametrize("header", ["soon", "1.5", "99999"])
async def test_a_time_zone_that_is_none_is_422(client: httpx.AsyncClient, header: str) -> None:
    for path in ("projects/activity", "runs/search/run", "runs/search/metric"):
        answer = await client.get(f"{BASE}/{path}", headers={"X-Timezone-Offset": header})
        assert answer.status_code == 422


async def test_params_of_all_runs_are_one_tree_of_types(world: World, client: httpx.AsyncClient) -> None:
    first: dict[str | int, Any] = {
        "lr": 0.1, "opt": {"name": "adam", "none": None}, "layers": [64, {"k": True}], "empty": {}, 3: "x",
        "__system_params": {"git": 1}, "__blobs__": {},
    }  # fmt: skip
    await world.run("a", Logged("loss", [1.0], {"s": 1}), Logged("loss", [1.0]), params=first)
    await world.run("b", Logged("loss", [2.0], {"s": math.nan}), params={"lr": {"deep": 1}}, archived=True)
    await world.run("c", Logged("gone", [1.0]), params={"gone": 1}, phase="deleted")
    answer = (await client.get(f"{BASE}/projects/params")).json()
    assert answer["params"] == {
        "lr": {"__example_type__": "<class 'float'>", "deep": {"__example_type__": "<class 'int'>"}},
        "opt": {
            "name": {"__example_type__": "<class 'str'>"},
            "none": {"__example_type__": "<class 'NoneType'>"},
        },
        "layers": {
            "0": {"__example_type__": "<class 'int'>"},
            "1": {"k": {"__example_type__": "<class 'bool'>"}},
            "__example_type__": "<class 'list'>",
        },
        "empty": {},
        "3": {"__example_type__": "<class 'str'>"},
    }
    assert sorted(answer["metric"]["loss"], key=str) == [{"s": "NaN"}, {"s": 1}, {}]
    assert answer.keys() == {"params", "metric", "images", "texts", "distributions", "audios", "figures"}


async def test_params_hold_what_was_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{BASE}/projects/params?sequence=images&sequence=metric&exclude_params=on")
    assert answer.json() == {"images": {}, "metric": {}}
    bad = await client.get(f"{BASE}/projects/params?sequence=bogus")
    assert (bad.status_code, bad.json()["message"]) == (400, "'bogus' is not a valid Sequence")


async def test_pinned_sequences_are_none_until_some_are_pinned(world: World, client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{BASE}/projects/pinned-sequences")).json() == {"sequences": []}
    entries = [{"name": "loss", "context": {"s": "val"}}]
    await world.put(tables.SETTINGS, {"_id": tables.PINNED_SEQUENCES, "packed": pack(entries)})
    async with world.client() as other:
        assert (await other.get(f"{BASE}/projects/pinned-sequences")).json() == {"sequences": entries}


async def test_the_project_is_there_whatever_the_stores_do(client: httpx.AsyncClient) -> None:
    project = (await client.get(f"{BASE}/projects")).json()
    assert project["telemetry_enabled"] == 0
    assert isinstance(project["telemetry_enabled"], int)
    assert (project["warn_index"], project["warn_runs"]) == (False, False)
    assert (await client.get(f"{BASE}/projects/status")).text == '"up-to-date"'


async def test_version_is_told_under_our_prefix_alone(client: httpx.AsyncClient) -> None:
    answer = (await client.get(f"{BASE}/version")).json()
    assert answer["component"] == "backend"
    assert answer["version"].count(".") >= 2
    assert (await client.get("/api/version")).status_code == 404
