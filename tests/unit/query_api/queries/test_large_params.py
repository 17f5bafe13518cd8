"""Params that lie in the blob store are read run by run, for answers that send them and queries that ask for them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import NAMES, NOW, BlobReads, Logged, World, runs_of

from contracts import tables
from contracts.events import Text

REST = "/api/v1/rest"
RUNS = 5


@pytest.fixture
async def world() -> World:
    """Runs r0 to r4, r4 the newest; `small` and `kept.large` end with the number."""
    world = await World.make()
    for number in range(RUNS):
        name = f"r{number}"
        large = await world.large(name, f"{number}" * 1_000)
        params: dict[str | int, Any] = {"small": number, "kept": {"large": large}, "__system_params": {"env": large}}
        await world.run(name, Logged("loss", [1.0, 2.0]), params=params, created_at=NOW + number)
        await world.objects(name, "texts", "said", {0: (Text("word"),)})
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/runs/search/run?exclude_params=true",
        '/runs/search/run?exclude_params=true&exclude_traces=true&limit=3&sort=[{"field":"date"}]',
        "/runs/search/run?exclude_params=true&q=run.name != '' and run.metrics['loss'].last > 1",
        "/runs/active",
        "/projects/params?exclude_params=true",
        "/projects/activity",
        "/runs/r1/note",
        "/runs/r1/logs",
        "/runs/r1/log-records",
        "/experiments",
        "/runs/search/metric?q=run.small2 == 3 if False else metric.name == 'none'",
        "/runs/search/texts?q=texts.name == 'none'",
    ],
)
async def test_who_is_sent_no_params_has_none_read(world: World, client: httpx.AsyncClient, path: str) -> None:
    gets = BlobReads(world)
    assert (await client.get(REST + path)).status_code == 200
    assert gets.keys == []


async def test_segments_are_not_read_for_props_alone(world: World, client: httpx.AsyncClient) -> None:
    get_many = world.documents.get_many
    asked: list[str] = []

    async def noted(collection: str, ids: Any) -> Any:
        asked.append(collection)
        return await get_many(collection, ids)

    world.documents.get_many = noted  # type: ignore[method-assign]  # notes what is read
    query = {"exclude_params": "true", "exclude_traces": "true"}
    plain = runs_of((await client.get(f"{REST}/runs/search/run", params=query)).content)
    assert NAMES.collection(tables.RUN_SEGMENTS) not in asked
    assert len(plain) == RUNS
    assert plain["r0"]["params"] == {}
    assert plain["r0"]["traces"] == {"metric": []}


@pytest.mark.parametrize("kind", ["run", "metric", "texts"])
async def test_a_query_finds_what_is_in_large_params(world: World, client: httpx.AsyncClient, kind: str) -> None:
    gets = BlobReads(world)
    query = {"q": f"run.kept.large == '{'3' * 1_000}'"}
    found = runs_of((await client.get(f"{REST}/runs/search/{kind}", params=query)).content)
    assert list(found) == ["r3"]
    assert found["r3"]["params"] == {"small": 3, "kept": {"large": "3" * 1_000}}
    assert list(dict.fromkeys(gets.runs)) == ["r4", "r3", "r2", "r1", "r0"]


@pytest.mark.parametrize("kind", ["run", "metric", "texts"])
async def test_a_query_that_reads_no_params_reads_those_that_are_sent(
    world: World, client: httpx.AsyncClient, kind: str
) -> None:
    gets = BlobReads(world)
    query = {"q": "run.hash in ['r1', 'r2'] or run.metrics['loss'].last == 5", "skip_system": "false"}
    found = runs_of((await client.get(f"{REST}/runs/search/{kind}", params=query)).content)
    assert [run["params"]["kept"]["large"][0] for run in found.values()] == ["2", "1"]
    assert [run["params"]["__system_params"]["env"][0] for run in found.values()] == ["2", "1"]
    assert gets.runs == ["r2", "r1"]


async def test_part_of_a_query_asks_for_params_of_some_runs(world: World, client: httpx.AsyncClient) -> None:
    gets = BlobReads(world)
    query = {"q": "run.hash in ['r1', 'r2'] and run.small == 2", "exclude_params": "true"}
    found = runs_of((await client.get(f"{REST}/runs/search/run", params=query)).content)
    assert list(found) == ["r2"]
    assert gets.runs == ["r2", "r1"]


async def test_info_and_the_params_of_the_project_are_whole(client: httpx.AsyncClient) -> None:
    info = (await client.get(f"{REST}/runs/r1/info")).json()
    assert info["params"]["kept"] == {"large": "1" * 1_000}
    params = (await client.get(f"{REST}/projects/params")).json()["params"]
    assert params["kept"] == {"large": {"__example_type__": "<class 'str'>"}}
    assert params["small"] == {"__example_type__": "<class 'int'>"}
