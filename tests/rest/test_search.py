"""Rows 19 to 23: searches of runs and of metrics."""

import json
from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, metric, refused, streamed

from contracts.aimcodec.arrays import read_numeric_array

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEARCHES = [
    pytest.param("run", marks=pytest.mark.row(19)),
    pytest.param("metric", marks=pytest.mark.row(20)),
    pytest.param("images", marks=pytest.mark.row(24)),
    pytest.param("texts", marks=pytest.mark.row(25)),
    pytest.param("distributions", marks=pytest.mark.row(26)),
    pytest.param("audios", marks=pytest.mark.row(27)),
    pytest.param("figures", marks=pytest.mark.row(28)),
]


async def _group(rest: Rest, *names: str) -> tuple[str, list[str]]:
    """A query for new runs of these names alone, and their ids. The later a run, the newer."""
    experiment = fresh("experiment")
    runs = [
        await rest.run(
            {"type": "set_run_property", "name": name, "experiment": experiment},
            {"type": "log_hparams", "value": {"hparams": {"at": at}}},
            metric("loss", {step: step / 4 for step in range(20)}, subset="train"),
        )
        for at, name in enumerate(names)
    ]
    return f'run.experiment == "{experiment}"', runs


@pytest.mark.parametrize("kind", SEARCHES)
async def test_a_query_that_is_none_is_shown_where_it_breaks(rest: Rest, kind: str) -> None:
    answer = await rest.get(f"/runs/search/{kind}", params={"q": " run.x == "})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    body = answer.json()
    assert body["message"] == "SyntaxError"
    assert body["detail"]["statement"] == "(run.x ==)"
    assert (body["detail"]["line"], body["detail"]["offset"]) == (1, 10)
    assert body["error"]["code"] == "bad_request"


@pytest.mark.parametrize("kind", SEARCHES)
async def test_a_query_with_a_null_character_breaks_nowhere(rest: Rest, kind: str) -> None:
    answer = await rest.get(f"/runs/search/{kind}", params={"q": "run.x == '\0'"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == {
        "name": "SyntaxError",
        "statement": None,
        "line": None,
        "offset": None,
        "end_offset": 0,
    }


@pytest.mark.parametrize("kind", SEARCHES)
async def test_nothing_is_found_by_an_empty_pair_of_parentheses(rest: Rest, kind: str) -> None:
    await _group(rest, "a")
    assert streamed(await rest.get(f"/runs/search/{kind}", params={"q": "()"})) == {}


@pytest.mark.parametrize("kind", SEARCHES)
async def test_a_zone_is_an_integer(rest: Rest, kind: str) -> None:
    invalid(await rest.get(f"/runs/search/{kind}", headers={"X-Timezone-Offset": "west"}), "X-Timezone-Offset")


@pytest.mark.row(19)
async def test_runs_come_newest_first_with_what_tables_show(rest: Rest) -> None:
    q, (first, second) = await _group(rest, "a", "b")
    found = streamed(await rest.get("/runs/search/run", params={"q": q}))
    assert list(found) == [second, first]
    run = found[first]
    assert run["params"] == {"hparams": {"at": 0}}
    ((trace,),) = (run["traces"]["metric"],)
    assert (trace["name"], trace["context"]) == ("loss", {"subset": "train"})
    assert (trace["values"]["last"], trace["values"]["last_step"]) == (4.75, 19)
    assert (run["props"]["name"], run["props"]["active"]) == ("a", True)


@pytest.mark.row(19)
async def test_runs_come_in_pages(rest: Rest) -> None:
    q, runs = await _group(rest, "a", "b", "c")
    first = streamed(await rest.get("/runs/search/run", params={"q": q, "limit": 2}))
    assert list(first) == runs[:0:-1]
    rest_of = {"q": q, "limit": "2", "offset": runs[1]}
    assert list(streamed(await rest.get("/runs/search/run", params=rest_of))) == runs[:1]
    await rest.put(f"/runs/{runs[1]}", {"archived": True})
    assert list(streamed(await rest.get("/runs/search/run", params=rest_of))) == runs[:1]
    unknown = {"q": q, "offset": fresh("none")}
    assert streamed(await rest.get("/runs/search/run", params=unknown)) == {}


@pytest.mark.row(19)
async def test_runs_come_in_the_order_asked_for(rest: Rest) -> None:
    q, runs = await _group(rest, "b", "a", "b")
    sort = json.dumps([{"field": "run"}, {"field": "date", "order": "desc"}])
    found = streamed(await rest.get("/runs/search/run", params={"q": q, "sort": sort}))
    assert list(found) == [runs[1], runs[2], runs[0]]
    for sort in ('[{"field": "none"}]', '[{"field": "run", "order": "up"}]', "[{"):
        answer = await rest.get("/runs/search/run", params={"q": q, "sort": sort})
        refused(answer, 400, answer.json()["message"])


@pytest.mark.row(19)
async def test_runs_come_without_what_is_excluded(rest: Rest) -> None:
    q, (run,) = await _group(rest, "a")
    wanted = {"q": q, "exclude_params": "on", "exclude_traces": "1"}
    found = streamed(await rest.get("/runs/search/run", params=wanted))[run]
    assert (found["params"], found["traces"]) == ({}, {"metric": []})
    invalid(await rest.get("/runs/search/run", params={"limit": "x"}), "limit")


@pytest.mark.row(19)
async def test_archived_runs_are_found_if_the_query_names_them(rest: Rest) -> None:
    q, (run,) = await _group(rest, "a")
    await rest.put(f"/runs/{run}", {"archived": True})
    assert streamed(await rest.get("/runs/search/run", params={"q": q})) == {}
    assert set(streamed(await rest.get("/runs/search/run", params={"q": f"{q} and run.archived"}))) == {run}


def _numbers(array: Any) -> list[float]:
    numbers: list[float] = read_numeric_array(array).tolist()
    return numbers


@pytest.mark.row(20)
async def test_metrics_come_with_their_points(rest: Rest) -> None:
    q, (run,) = await _group(rest, "a")
    await rest.log(run, metric("epoch", {step: step * 10.0 for step in range(20)}, subset="train"))
    wanted = {"q": f'{q} and metric.name == "loss"', "p": "5", "x_axis": "epoch"}
    found = streamed(await rest.get("/runs/search/metric", params=wanted))[run]
    (trace,) = found["traces"]
    assert (trace["name"], trace["context"], trace["slice"]) == ("loss", {"subset": "train"}, [0, 0, 5])
    steps = _numbers(trace["iters"])
    assert (len(steps) <= 5, steps[0], steps[-1]) == (True, 0, 19)
    assert _numbers(trace["values"]) == [step / 4 for step in steps]
    assert _numbers(trace["x_axis_values"]) == [step * 10 for step in steps]
    assert found["params"] == {"hparams": {"at": 0}}
    assert found["props"]["name"] == "a"


@pytest.mark.row(20)
@pytest.mark.parametrize("points", ["0", "-2"])
async def test_metrics_have_at_least_one_point(rest: Rest, points: str) -> None:
    refused(await rest.get("/runs/search/metric", params={"p": points}), 400, "Density must be greater than 0.")
    invalid(await rest.get("/runs/search/metric", params={"p": "x"}), "p")


@pytest.mark.row(21)
async def test_active_runs_come_newest_first_and_ended_ones_not(rest: Rest) -> None:
    _, (first, second, third) = await _group(rest, "a", "b", "c")
    await rest.put(f"/runs/{second}", {"active": False})
    await rest.put(f"/runs/{third}", {"archived": True})
    found = streamed(await rest.get("/runs/active"))
    assert [run for run in found if run in (first, second, third)] == [third, first]
    assert set(found[first]) == {"traces", "props"}
    assert found[first]["traces"]["metric"][0]["values"]["last"] == 4.75
    invalid(await rest.get("/runs/active", params={"report_progress": "x"}), "report_progress")


@pytest.mark.row(22)
async def test_series_are_aligned_one_entry_for_each_that_was_asked(rest: Rest) -> None:
    _, (run,) = await _group(rest, "a")
    await rest.log(run, metric("epoch", {step: step * 10.0 for step in range(0, 20, 2)}, subset="train"))
    none = fresh("none")
    trace = {"name": "loss", "context": {"subset": "train"}, "slice": [0, 0, -1]}
    other = {"name": "gain", "context": {}, "slice": [0, 0, 5]}
    body = {
        "align_by": "epoch",
        "runs": [{"run_id": run, "traces": [other, trace]}, {"run_id": none, "traces": [trace]}],
    }
    found = streamed(await rest.post("/runs/search/metric/align", body))
    assert list(found) == [run, none]
    missing, aligned = found[run]
    assert missing == {"name": "gain", "context": {}, "x_axis_values": None, "x_axis_iters": None}
    assert _numbers(aligned["x_axis_iters"]) == list(range(0, 20, 2))
    assert _numbers(aligned["x_axis_values"]) == [step * 10 for step in range(0, 20, 2)]
    assert [one["x_axis_values"] for one in found[none]] == [None]


@pytest.mark.row(22)
async def test_aligning_wants_a_metric_and_series(rest: Rest) -> None:
    for body in (b"{}", b'{"align_by": "a"}', b'{"runs": []}', b'{"align_by": "a", "runs": [{"run_id": "r"}]}'):
        invalid(await rest.post("/runs/search/metric/align", body))
    trace = {"name": "loss", "context": {}, "slice": [0, 0, 0]}
    unaligned: dict[str, Any] = {"align_by": "a", "runs": [{"run_id": "r", "traces": [trace]}]}
    refused(await rest.post("/runs/search/metric/align", unaligned), 400, "Density must be greater than 0.")


@pytest.mark.row(23)
async def test_points_of_some_series_come_as_json(rest: Rest) -> None:
    run = await rest.run(metric("a", {0: 1.0, 1: float("nan")}), metric("b", {5: 2.0}, subset="val"))
    body: list[Any] = [
        {"name": "b", "context": {"subset": "val"}},
        {"name": "none", "context": {}},
        {"name": "a", "context": {}},
    ]
    assert await rest.made(f"/runs/{run}/metric/get-batch", body) == [
        {"name": "b", "context": {"subset": "val"}, "iters": [5], "values": [2.0]},
        {"name": "a", "context": {}, "iters": [0, 1], "values": [1.0, None]},
    ]


@pytest.mark.row(23)
async def test_points_of_a_range(rest: Rest) -> None:
    run = await rest.run(metric("a", {step: float(step) for step in range(10)}))
    path, body = f"/runs/{run}/metric/get-batch", [{"name": "a", "context": {}}]
    found = (await rest.post(path, body, params={"record_range": "3:5"})).json()
    assert found[0]["iters"] == [3, 4]
    found = (await rest.post(path, body, params={"record_density": 1})).json()
    assert found[0]["iters"] == [9]
    refused(await rest.post(path, body, params={"record_range": "a:"}), 400, "Invalid range format")
    refused(await rest.post(path, body, params={"record_density": 0}), 400, "Density must be greater than 0.")
    refused(await rest.post(f"/runs/{fresh('none')}/metric/get-batch", body), 404, "Run not found.")
    invalid(await rest.post(path, {"name": "a"}))


@pytest.mark.row(20, 23)
async def test_a_series_without_a_name_is_found_and_read(rest: Rest) -> None:
    run_id = await rest.run(metric("", {0: 0.5, 1: 0.25}), metric("loss", {0: 1.0}))
    found = await rest.get("/runs/search/metric", params={"q": f'run.hash == "{run_id}" and metric.name == ""'})
    traces = streamed(found)[run_id]["traces"]
    assert [trace["name"] for trace in traces] == [""]
    values = await rest.post(f"/runs/{run_id}/metric/get-batch", json=[{"name": "", "context": {}}])
    assert [(one["name"], one["values"]) for one in values.json()] == [("", [0.5, 0.25])]
