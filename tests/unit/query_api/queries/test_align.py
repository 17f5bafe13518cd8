"""Alignment answers by position: an entry for whatever was asked for, null where there is nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import Logged, World, runs_of

from contracts.aimcodec.arrays import read_numeric_array
from contracts.aimcodec.reader import items, page_faults

ALIGN = "/api/v1/rest/runs/search/metric/align"
TRAIN = {"subset": "train"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    world = await World.make()
    await world.run(
        "a",
        Logged("loss", [5.0, 4.0, 3.0, 2.0], TRAIN),
        Logged("loss", [1.0]),
        Logged("seen", [0.0, 10.0, 30.0], TRAIN, steps=[0, 1, 3]),
    )
    await world.run("b", Logged("loss", list(range(1_000)), TRAIN), Logged("seen", list(range(1_000)), TRAIN))
    async with world.client() as client:
        yield client


def _trace(name: str, context: dict[str, Any], most: int = -1) -> dict[str, Any]:
    return {"name": name, "context": context, "slice": [0, 0, most]}


def _asked(*runs: tuple[str, list[dict[str, Any]]], by: str = "seen") -> dict[str, Any]:
    return {"align_by": by, "runs": [{"run_id": run_id, "traces": traces} for run_id, traces in runs]}


def _numbers(array: Any) -> list[float]:
    return [float(number) for number in read_numeric_array(array)]


async def test_steps_at_which_the_axis_has_a_value_zero_included(client: httpx.AsyncClient) -> None:
    answer = await client.post(ALIGN, json=_asked(("a", [_trace("loss", TRAIN)])))
    [entry] = runs_of(answer.content)["a"]
    assert (entry["name"], entry["context"]) == ("loss", TRAIN)
    assert _numbers(entry["x_axis_iters"]) == [0, 1, 3]
    assert _numbers(entry["x_axis_values"]) == [0.0, 10.0, 30.0]


async def test_what_is_missing_keeps_its_place(client: httpx.AsyncClient) -> None:
    asked = _asked(
        ("gone", [_trace("loss", TRAIN)]),
        ("a", [_trace("loss", {}), _trace("nope", TRAIN), _trace("loss", TRAIN)]),
        ("b", []),
    )
    answer = await client.post(ALIGN, json=asked)
    found = items(answer.content)
    assert [key for key, _ in found] == ["gone", "a", "b"]
    assert [[entry["x_axis_values"] is None for entry in entries] for _, entries in found] == [
        [True], [True, True, False], [],
    ]  # fmt: skip
    assert page_faults(answer.content) == []


async def test_an_unknown_axis_is_null_everywhere(client: httpx.AsyncClient) -> None:
    answer = await client.post(ALIGN, json=_asked(("a", [_trace("loss", TRAIN)]), by="nope"))
    assert runs_of(answer.content)["a"][0]["x_axis_values"] is None


async def test_points_are_those_of_a_search_with_the_same_density(client: httpx.AsyncClient) -> None:
    searched = await client.get("/api/v1/rest/runs/search/metric", params={"q": "run.hash == 'b'", "p": "40"})
    steps = {t["name"]: _numbers(t["iters"]) for t in runs_of(searched.content)["b"]["traces"]}
    answer = await client.post(ALIGN, json=_asked(("b", [_trace("loss", TRAIN, 40), _trace("loss", TRAIN, 2)])))
    first, second = runs_of(answer.content)["b"]
    assert _numbers(first["x_axis_iters"]) == steps["loss"]
    assert _numbers(second["x_axis_iters"]) == [0, 999]


@pytest.mark.parametrize("most", [0, -2])
async def test_a_density_that_is_none_is_400(client: httpx.AsyncClient, most: int) -> None:
    answer = await client.post(ALIGN, json=_asked(("a", [_trace("loss", TRAIN, most)])))
    assert (answer.status_code, answer.json()["message"]) == (400, "Density must be greater than 0.")


@pytest.mark.parametrize(
    "body", [{}, [], {"align_by": "x"}, {"align_by": 1, "runs": []}, _asked(("a", [{"name": "x"}]))]
)
async def test_a_body_of_another_shape_is_422(client: httpx.AsyncClient, body: Any) -> None:
    assert (await client.post(ALIGN, json=body)).status_code == 422


@pytest.mark.parametrize("runs", [[("a", [])] * 100_001, [("a", [_trace("loss", {})] * 50_000)] * 2])
async def test_too_many_series_are_refused(
    client: httpx.AsyncClient, runs: list[tuple[str, list[dict[str, Any]]]]
) -> None:
    answer = await client.post(ALIGN, json=_asked(*runs))
    assert (answer.status_code, answer.json()["message"]) == (422, "A request may not name more than 100000 series")


async def test_no_runs_no_bytes(client: httpx.AsyncClient) -> None:
    assert (await client.post(ALIGN, json=_asked())).content == b""
