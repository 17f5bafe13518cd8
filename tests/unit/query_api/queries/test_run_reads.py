"""Info, notes and points of one run."""

import math
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import NOW, Logged, World, progress_of, runs_of

BASE = "/api/v1/rest/runs"
NOT_FOUND = {
    "message": "Run not found.",
    "detail": "Run not found.",
    "error": {"code": "not_found", "message": "Run not found."},
}


@pytest.fixture
async def world() -> World:
    return await World.make()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


async def test_props_have_names_of_the_catalog(world: World, client: httpx.AsyncClient) -> None:
    await world.experiment("e1", "vision", description="")
    await world.alias("e9", "e1", "experiment")
    await world.tag("t1", "zeta", color="#fff")
    await world.tag("t2", "alpha")
    await world.tag("t3", "hidden", archived=True)
    await world.alias("t9", "t1", "tag")
    await world.run("a", name="", experiment_id="e9", tag_ids=["t1", "t9", "t2", "t3", "unknown"], ended_at=NOW)
    props = (await client.get(f"{BASE}/a/info")).json()["props"]
    assert props == {
        "name": None,
        "description": None,
        "experiment": {"id": "e1", "name": "vision", "description": None},
        "tags": [
            {"id": "t2", "name": "alpha", "color": None, "description": None},
            {"id": "t1", "name": "zeta", "color": "#fff", "description": None},
        ],
        "creation_time": NOW - 1_000,
        "end_time": NOW,
        "archived": False,
        "active": False,
    }


async def test_a_run_without_experiment_still_has_an_object_and_active_runs_no_end(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.run("a", experiment_id="gone", active=True, ended_at=NOW)
    props = (await client.get(f"{BASE}/a/info")).json()["props"]
    assert props["experiment"] == {"id": None, "name": None, "description": None}
    assert (props["active"], props["end_time"]) == (True, None)


async def test_values_that_json_has_not_are_texts_and_large_integers_keep_their_digits(
    world: World, client: httpx.AsyncClient
) -> None:
    params: dict[str | int, Any] = {
        "nan": math.nan, "list": [math.inf, {"x": -math.inf}], 7: 1 << 80, "__blobs__": {"x": 1},
    }  # fmt: skip
    await world.run("a", Logged("loss", [1.0, math.nan], {"f": math.inf}), params=params)
    answer = (await client.get(f"{BASE}/a/info")).json()
    assert answer["params"] == {"nan": "NaN", "list": ["inf", {"x": "-inf"}], "7": 1 << 80}
    assert answer["traces"]["metric"] == [{"name": "loss", "context": {"f": "inf"}, "last_value": "NaN"}]


async def test_traces_are_of_the_kinds_that_were_asked_for(world: World, client: httpx.AsyncClient) -> None:
    await world.run("a", Logged("loss", [1.0, 0.25]), params={"__system_params": {"x": 1}, "lr": 2})
    everything = (await client.get(f"{BASE}/a/info")).json()
    assert everything["traces"] == {
        "metric": [{"name": "loss", "context": {}, "last_value": 0.25}],
        "images": [], "texts": [], "distributions": [], "audios": [], "figures": [],
    }  # fmt: skip
    assert everything["params"] == {"__system_params": {"x": 1}, "lr": 2}
    some = (await client.get(f"{BASE}/a/info?sequence=images&sequence=texts&skip_system=yes")).json()
    assert some["traces"] == {"images": [], "texts": []}
    assert some["params"] == {"lr": 2}
    bad = await client.get(f"{BASE}/a/info", params={"sequence": "videos"})
    assert (bad.status_code, bad.json()["message"]) == (400, "'videos' is not a valid Sequence")


@pytest.mark.parametrize("method_path", ["GET {}/info", "GET {}/note", "POST {}/metric/get-batch"])
@pytest.mark.parametrize("run_id", ["unknown", "deleted"])
async def test_a_run_that_is_not_there_is_404(
    world: World, client: httpx.AsyncClient, method_path: str, run_id: str
) -> None:
    await world.run("deleted", phase="deleted")
    method, path = method_path.format(f"{BASE}/{run_id}").split(" ")
    answer = await client.request(method, path, json=[] if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


async def test_notes_come_with_the_latest_first_and_times_as_texts(world: World, client: httpx.AsyncClient) -> None:
    await world.run("a", incarnation=1)
    await world.note("a", "n1", "old", NOW, incarnation=1)
    await world.note("a", "n2", "new", NOW + 1.5, incarnation=1)
    await world.note("a", "n0", "of the run that had this id before", NOW + 9)
    assert (await client.get(f"{BASE}/a/note/")).json() == [
        {
            "id": "n2", "content": "new",
            "created_at": "2026-01-01T00:00:01.500000Z", "updated_at": "2026-01-01T00:00:01.500000Z",
        },
        {
            "id": "n1", "content": "old",
            "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:00.000000Z",
        },
    ]  # fmt: skip


async def test_a_batch_keeps_the_order_and_leaves_out_what_is_unknown(world: World, client: httpx.AsyncClient) -> None:
    await world.run("a", Logged("loss", [1.0, math.nan, math.inf]), Logged("acc", [7.0], {"k": 1}))
    asked = [{"name": "acc", "context": {"k": 1}}, {"name": "acc", "context": {}}, {"name": "loss", "context": {}}]
    assert (await client.post(f"{BASE}/a/metric/get-batch", json=asked)).json() == [
        {"name": "acc", "context": {"k": 1}, "iters": [0], "values": [7.0]},
        {"name": "loss", "context": {}, "iters": [0, 1, 2], "values": [1.0, None, None]},
    ]


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ({"record_range": "2:4"}, [2, 3]),
        ({"record_range": ":2"}, [0, 1]),
        ({"record_range": "8:"}, [8, 9]),
        ({"record_range": "5:2"}, []),
        ({"record_range": "90:99"}, []),
        ({"record_density": "1"}, [9]),
        ({"record_density": "2"}, [0, 9]),
        ({"record_range": "3:7", "record_density": "-1"}, [3, 4, 5, 6]),
    ],
)
async def test_a_batch_is_cut_to_its_range_and_density(
    world: World, client: httpx.AsyncClient, query: dict[str, str], steps: list[int]
) -> None:
    await world.run("a", Logged("loss", [float(number) for number in range(10)]))
    asked = [{"name": "loss", "context": {}}]
    [answer] = (await client.post(f"{BASE}/a/metric/get-batch", params=query, json=asked)).json()
    assert (answer["iters"], answer["values"]) == (steps, [float(step) for step in steps])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"record_range": "a:b"}, 400),
        ({"record_range": "-1:3"}, 400),
        ({"record_density": "0"}, 400),
        ({"record_density": "many"}, 422),
    ],
)
async def test_a_bad_range_or_density_is_refused(
    world: World, client: httpx.AsyncClient, query: dict[str, str], status: int
) -> None:
    await world.run("a")
    answer = await client.post(f"{BASE}/a/metric/get-batch", params=query, json=[])
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("count", "name", "text"),
    [(100_001, "a", "A request may not name more than 100000 series"), (1, "a" * 1_025, "name: Expected `str` of len")],
)
async def test_a_batch_of_too_many_or_of_impossible_names_is_refused(
    world: World, client: httpx.AsyncClient, count: int, name: str, text: str
) -> None:
    await world.run("a")
    answer = await client.post(f"{BASE}/a/metric/get-batch", json=[{"name": name, "context": {}}] * count)
    assert answer.status_code == 422
    assert text in answer.json()["message"]


async def test_active_runs_are_shown_archived_or_not(world: World, client: httpx.AsyncClient) -> None:
    await world.run("old", Logged("loss", [1.0]), created_at=NOW - 9)
    await world.run("new", created_at=NOW - 1, archived=True)
    await world.run("done", ended_at=NOW)
    await world.run("deleted", phase="deleted")
    answer = await client.get(f"{BASE}/active")
    runs = runs_of(answer.content)
    assert list(runs) == ["new", "old"]
    assert runs["old"].keys() == {"props", "traces"}
    assert progress_of(answer.content) == [[1, 2], [2, 2]]
    assert progress_of((await client.get(f"{BASE}/active?report_progress=0")).content) == []
