"""A series is found by the context that a page makes of it, which is not always the one that was logged."""

import math
from typing import Any

import pytest
from tests.unit.query_api.world import Logged, World, runs_of

from contracts.aimcodec.arrays import read_numeric_array
from contracts.read_models import ObjectSummary
from query_api.queries.asked_series import AskedSeries

NAN = float("nan")


def _figures(*contexts: dict[Any, Any]) -> AskedSeries[ObjectSummary]:
    return AskedSeries([ObjectSummary("figures", "plot", one, None, 0, 0, 1, 1) for one in contexts])


@pytest.mark.parametrize(
    ("logged", "sent"),
    [
        ({"rate": 1.0}, {"rate": 1}),
        ({"rate": 1}, {"rate": 1.0}),
        ({"deep": {"list": [2.0, {"x": -0.0}]}}, {"deep": {"list": [2, {"x": 0}]}}),
        ({"big": 2**53 + 1}, {"big": 2**53}),
        ({"huge": 10**400}, {"huge": None}),
        ({"rate": NAN}, {"rate": None}),
        ({"rate": [NAN, -math.inf], "": 1.0}, {"rate": ["NaN", "-inf"], "": 1}),
        ({0: "first"}, {"0": "first"}),
        ({"": 1}, {"(empty)": 1}),
    ],
)
def test_what_a_page_sends_back_is_found(logged: dict[Any, Any], sent: dict[str, Any]) -> None:
    found = _figures(logged).find("plot", sent)
    assert found is not None
    assert found.context is logged


def test_a_text_is_no_number_that_is_not_finite() -> None:
    assert _figures({"rate": "inf"}).find("plot", {"rate": None}) is None


@pytest.mark.parametrize("sent", [{}, {"rate": 2}, {"rate": True}, {"rate": "1"}, {"rate": 1.5}, {"other": 1}])
def test_another_context_is_not_found(sent: dict[str, Any]) -> None:
    series = _figures({"rate": 1.0})
    assert series.find("plot", sent) is None
    assert series.find("other", {"rate": 1.0}) is None


def test_the_exact_context_comes_first() -> None:
    series = _figures({"rate": 1}, {"rate": 1.0})
    for sent in ({"rate": 1}, {"rate": 1.0}):
        found = series.find("plot", sent)
        assert found is not None
        assert type(found.context["rate"]) is type(sent["rate"])


def test_a_context_that_is_nested_too_deeply_is_none_of_a_series() -> None:
    deep: dict[str, Any] = {}
    for _ in range(700):
        deep = {"a": deep}
    assert _figures({"rate": 1}).find("plot", deep) is None


async def test_alignment_and_batches_find_a_context_of_whole_numbers() -> None:
    world = await World.make()
    await world.run("r", Logged("loss", [5.0, 4.0], {"rate": 1.0}), Logged("seen", [0.0, 8.0], {"rate": 1.0}))
    sent = {"name": "loss", "context": {"rate": 1}}
    async with world.client() as client:
        batch = await client.post("/api/runs/r/metric/get-batch", json=[sent])
        aligned = await client.post(
            "/api/runs/search/metric/align",
            json={"align_by": "seen", "runs": [{"run_id": "r", "traces": [{**sent, "slice": [0, 0, 50]}]}]},
        )
    assert [one["values"] for one in batch.json()] == [[5.0, 4.0]]
    [entry] = runs_of(aligned.content)["r"]
    assert read_numeric_array(entry["x_axis_values"]).tolist() == [0.0, 8.0]
