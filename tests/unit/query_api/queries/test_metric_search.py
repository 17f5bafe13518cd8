"""Which series a metric search shows, with which points."""

import math
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from tests.unit.query_api.world import NOW, Logged, World, progress_of, runs_of

from contracts.aimcodec.arrays import read_numeric_array
from query_api.queries import series_reading

SEARCH = "/api/v1/rest/runs/search/metric"
TRAIN, VAL = {"subset": "train"}, {"subset": "val"}


@pytest.fixture
async def world() -> World:
    world = await World.make()
    await world.run(
        "a",
        Logged("loss", [3.0, 2.0, 1.0], TRAIN),
        Logged("loss", [4.0], VAL),
        Logged("epoch_time", [0.0, math.nan, 8.0], TRAIN, steps=[0, 1, 5]),
        created_at=NOW - 1,
    )
    await world.run("b", Logged("loss", list(range(500)), TRAIN), created_at=NOW - 2, params={"lr": 1})
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


async def _traces(client: httpx.AsyncClient, **query: str) -> dict[str, list[dict[str, Any]]]:
    answer = await client.get(SEARCH, params=query)
    assert answer.status_code == 200, answer.text
    return {run_id: tree["traces"] for run_id, tree in runs_of(answer.content).items()}


def _numbers(array: Any) -> list[float]:
    return [float(number) for number in read_numeric_array(array)]


async def test_only_series_that_match_are_shown(client: httpx.AsyncClient) -> None:
    found = await _traces(client, q="metric.name == 'loss' and metric.context.subset == 'val'")
    assert {run: [(t["name"], t["context"]) for t in traces] for run, traces in found.items()} == {"a": [("loss", VAL)]}


async def test_columns_of_a_trace_have_one_length_and_are_as_logged(client: httpx.AsyncClient) -> None:
    trace = (await _traces(client, q="run.hash == 'a' and metric.name == 'epoch_time'"))["a"][0]
    assert _numbers(trace["iters"]) == [0, 1, 5]
    np.testing.assert_array_equal(_numbers(trace["values"]), [0.0, math.nan, 8.0])
    assert _numbers(trace["timestamps"]) == [NOW, NOW + 1, NOW + 2]
    assert np.isnan(_numbers(trace["epochs"])).all()
    assert trace["slice"] == [0, 0, 50]
    assert trace["x_axis_values"] is None
    assert trace["x_axis_iters"] is None


@pytest.mark.parametrize(("p", "count"), [("-1", 500), ("1", 1), ("2", 2), ("50", 3), ("1000", 500)])
async def test_at_most_as_many_points_as_asked_for(client: httpx.AsyncClient, p: str, count: int) -> None:
    trace = (await _traces(client, q="run.hash == 'b'", p=p))["b"][0]
    steps = _numbers(trace["iters"])
    assert steps[-1] == 499
    assert len(steps) == count if p != "50" else count <= len(steps) <= 50


@pytest.mark.parametrize("p", ["0", "-2"])
async def test_a_number_of_points_that_is_none_is_400(client: httpx.AsyncClient, p: str) -> None:
    answer = await client.get(SEARCH, params={"p": p})
    assert (answer.status_code, answer.json()["message"]) == (400, "Density must be greater than 0.")


async def test_the_x_axis_is_of_the_same_context_and_keeps_zero_and_nan(client: httpx.AsyncClient) -> None:
    found = await _traces(client, q="metric.name == 'loss'", x_axis=" epoch_time ")
    train, val = found["a"]
    assert _numbers(train["x_axis_iters"]) == [0, 1]
    np.testing.assert_array_equal(_numbers(train["x_axis_values"]), [0.0, math.nan])
    assert val["x_axis_values"] is None
    assert found["b"][0]["x_axis_iters"] is None


@pytest.mark.parametrize("q", ["()", "run.nope.nope == 1"])
async def test_nothing_at_all_is_sent_where_no_run_can_match(client: httpx.AsyncClient, q: str) -> None:
    assert (await client.get(SEARCH, params={"q": q})).content == b""


async def test_progress_ends_with_the_last_run_that_was_looked_at(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH, params={"q": "metric.name == 'none'"})
    assert progress_of(answer.content) == [[2, 2]]


async def test_props_and_params_are_there(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH, params={"q": "run.lr == 1"})
    run = runs_of(answer.content)["b"]
    assert run["params"] == {"lr": 1}
    assert run["props"]["name"] == "Run: b"


async def test_a_query_with_select_is_refused_with_words(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH, params={"q": "SELECT x IF True"})
    assert answer.status_code == 400
    assert "SELECT" in answer.json()["message"]


async def test_one_read_or_many_give_the_same_answer(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await client.get(SEARCH, params={"x_axis": "epoch_time"})).content
    monkeypatch.setattr(series_reading, "SERIES_PER_READ", 1)
    monkeypatch.setattr(series_reading, "POINTS_PER_READ", 2)
    monkeypatch.setattr(series_reading, "_FIRST_READ_SERIES", 1)
    parts = (await client.get(SEARCH, params={"x_axis": "epoch_time"})).content
    assert runs_of(parts) == runs_of(whole)


async def test_many_runs_come_in_order(world: World, client: httpx.AsyncClient) -> None:
    for number in range(300):
        await world.run(f"m{number:03d}", Logged("acc", [1.0]), created_at=NOW - 1_000 - number)
    found = await _traces(client, q="metric.name == 'acc'")
    assert list(found) == [f"m{number:03d}" for number in range(300)]


async def test_points_of_an_earlier_incarnation_are_not_shown(world: World, client: httpx.AsyncClient) -> None:
    await world.run("c", Logged("loss", [1.0, 2.0]), created_at=NOW)
    await world.run("c", Logged("loss", [9.0]), created_at=NOW, incarnation=1)
    assert _numbers((await _traces(client, q="run.hash == 'c'"))["c"][0]["values"]) == [9.0]
