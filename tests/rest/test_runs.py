"""Rows 1 to 7: a run as a whole."""

from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, logged, metric, of, refused, streamed

pytestmark = pytest.mark.asyncio(loop_scope="session")

KINDS = ["metric", "images", "texts", "distributions", "audios", "figures"]


@pytest.mark.row(1)
async def test_info_tells_params_props_sequences_and_artifacts(rest: Rest) -> None:
    experiment, tag = fresh("experiment"), fresh("tag")
    run = await rest.run(
        {"type": "log_hparams", "value": {"hparams": {"lr": 0.1, "bad": float("nan")}}},
        {"type": "log_hparams", "value": {"__system_params": {"packages": {}}}},
        metric("loss", {0: 0.5, 1: float("-inf")}, subset="train"),
        logged("texts", "note", [{"data": "hello"}]),
        {"type": "artifact", "path": "ckpt/model.pt", "uri": "s3://bucket/ckpt/model.pt"},
        {"type": "set_run_property", "name": "first", "experiment": experiment},
        {"type": "add_tag", "tag_name": tag},
    )
    info = await rest.read(f"/runs/{run}/info")
    assert info["params"] == {"hparams": {"lr": 0.1, "bad": "NaN"}, "__system_params": {"packages": {}}}
    assert list(info["traces"]) == KINDS
    assert info["traces"]["metric"] == [{"name": "loss", "context": {"subset": "train"}, "last_value": "-inf"}]
    assert info["traces"]["texts"] == [{"name": "note", "context": {}, "last_value": 0.0}]
    assert info["artifacts"] == [{"name": "model.pt", "path": "ckpt/model.pt", "uri": "s3://bucket/ckpt/model.pt"}]
    props = info["props"]
    assert (props["name"], props["experiment"]["name"]) == ("first", experiment)
    assert [one["name"] for one in props["tags"]] == [tag]
    assert (props["active"], props["end_time"], props["archived"]) == (True, None, False)


@pytest.mark.row(1)
async def test_info_leaves_out_what_is_not_wanted(rest: Rest) -> None:
    run = await rest.run({"type": "log_hparams", "value": {"__system_params": {"a": 1}, "lr": 1}})
    info = await rest.read(f"/runs/{run}/info", params={"skip_system": "Yes", "sequence": ["texts", "metric"]})
    assert info["params"] == {"lr": 1}
    assert info["traces"] == {"texts": [], "metric": []}
    assert info["props"]["experiment"] == {"id": None, "name": None, "description": None}


@pytest.mark.row(1)
async def test_info_of_no_run_or_of_no_kind(rest: Rest) -> None:
    run = await rest.run()
    refused(await rest.get(f"/runs/{fresh('none')}/info"), 404, "Run not found.")
    refused(await rest.get(f"/runs/{run}/info", params={"sequence": "x"}), 400, "'x' is not a valid Sequence")
    invalid(await rest.get(f"/runs/{run}/info", params={"skip_system": "maybe"}), "skip_system")


async def _props(rest: Rest, run: str) -> dict[str, Any]:
    props: dict[str, Any] = (await rest.read(f"/runs/{run}/info"))["props"]
    return props


@pytest.mark.row(2)
async def test_an_update_changes_what_it_names(rest: Rest) -> None:
    run, experiment = await rest.run(), fresh("experiment")
    answer = await rest.put(f"/runs/{run}", {"name": "  new ", "description": " why ", "unknown": 1})
    assert answer.json() == {"id": run, "status": "OK"}
    await rest.put(f"/runs/{run}", {"experiment": f" {experiment} ", "archived": True})
    props = await _props(rest, run)
    assert (props["name"], props["description"], props["archived"]) == ("new", "why", True)
    assert props["experiment"]["name"] == experiment
    assert of(await rest.read("/experiments"), name=experiment)["run_count"] == 1
    await rest.put(f"/runs/{run}", {"experiment": "", "name": None})
    props = await _props(rest, run)
    assert (props["name"], props["experiment"]["id"], props["archived"]) == ("new", None, True)


@pytest.mark.row(2)
async def test_an_update_stops_a_run_and_lets_it_go_on(rest: Rest) -> None:
    run = await rest.run()
    await rest.put(f"/runs/{run}", {"active": False})
    ended = await _props(rest, run)
    assert ended["active"] is False
    assert ended["end_time"] is not None
    await rest.put(f"/runs/{run}", {"active": False})
    assert await _props(rest, run) == ended
    await rest.put(f"/runs/{run}", {"active": True})
    assert (await _props(rest, run))["end_time"] is None


@pytest.mark.row(2)
@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'{"archived": "yes"}', b'{"name": 1}'])
async def test_an_update_refuses_other_types(rest: Rest, body: bytes) -> None:
    invalid(await rest.put(f"/runs/{await rest.run()}", body))


@pytest.mark.row(2)
async def test_an_update_of_no_run(rest: Rest) -> None:
    refused(await rest.put(f"/runs/{fresh('none')}", {"name": "x"}), 404, "Run not found.")


@pytest.mark.row(3)
async def test_a_deleted_run_is_gone_for_every_reader(rest: Rest) -> None:
    tag = fresh("tag")
    run = await rest.run({"type": "add_tag", "tag_name": tag}, {"type": "note", "content": "a note"})
    assert (await rest.delete(f"/runs/{run}")).json() == {"id": run, "status": "OK"}
    for path in ("info", "note", "logs", "log-records"):
        refused(await rest.get(f"/runs/{run}/{path}"), 404, "Run not found.")
    assert streamed(await rest.get("/runs/search/run", params={"q": f'run.hash == "{run}"'})) == {}
    assert of(await rest.read("/tags"), name=tag)["run_count"] == 0
    refused(await rest.delete(f"/runs/{run}"), 404, "Run not found.")


@pytest.mark.row(3)
async def test_what_a_deleted_run_still_sends_is_dropped(rest: Rest) -> None:
    run = await rest.run()
    await rest.delete(f"/runs/{run}")
    name = fresh("late")
    tag, experiment = {"type": "add_tag", "tag_name": name}, {"type": "set_run_property", "experiment": name}
    await rest.log(run, metric("loss", {0: 1.0}), tag, experiment)
    refused(await rest.get(f"/runs/{run}/info"), 404, "Run not found.")
    for listed in ("/tags", "/experiments"):
        assert name not in [entry["name"] for entry in (await rest.get(listed)).json()]


@pytest.mark.row(4)
async def test_many_runs_are_deleted_and_unknown_ids_make_nothing(rest: Rest) -> None:
    first, second, none = await rest.run(), await rest.run(), fresh("none")
    assert await rest.made("/runs/delete-batch", [first, second, first, none]) == {"status": "OK"}
    for run in (first, second, none):
        refused(await rest.get(f"/runs/{run}/info"), 404, "Run not found.")
    assert await rest.made("/runs/delete-batch", []) == {"status": "OK"}


@pytest.mark.row(5)
async def test_many_runs_are_archived_and_taken_out_again(rest: Rest) -> None:
    first, second, none = await rest.run(), await rest.run(), fresh("none")
    q = {"q": f'run.hash in ["{first}", "{second}"]'}
    assert await rest.made("/runs/archive-batch", [first, second, none]) == {"status": "OK"}
    assert (await _props(rest, first))["archived"] is True
    assert streamed(await rest.get("/runs/search/run", params=q)) == {}
    answer = await rest.post("/runs/archive-batch", [first, second], params={"archive": "false"})
    assert answer.json() == {"status": "OK"}
    assert set(streamed(await rest.get("/runs/search/run", params=q))) == {first, second}


@pytest.mark.row(5)
async def test_archiving_wants_a_flag(rest: Rest) -> None:
    invalid(await rest.post("/runs/archive-batch", [], params={"archive": "maybe"}), "archive")


@pytest.mark.row(6)
async def test_many_runs_are_finished_once(rest: Rest) -> None:
    first, second, none = await rest.run(), await rest.run(), fresh("none")
    assert await rest.made("/runs/finish-batch", [first, second, none]) == {"status": "OK"}
    ended = await _props(rest, first)
    assert ended["active"] is False
    assert ended["end_time"] is not None
    await rest.made("/runs/finish-batch", [first])
    assert await _props(rest, first) == ended
    refused(await rest.get(f"/runs/{none}/info"), 404, "Run not found.")


@pytest.mark.parametrize("body", [{}, "run", [1], [None], None])
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/runs/delete-batch", marks=pytest.mark.row(4)),
        pytest.param("/runs/archive-batch", marks=pytest.mark.row(5)),
        pytest.param("/runs/finish-batch", marks=pytest.mark.row(6)),
    ],
)
async def test_many_runs_are_named_by_a_list_of_texts(rest: Rest, path: str, body: Any) -> None:
    invalid(await rest.post(path, body))


@pytest.mark.row(7)
async def test_a_cleared_tombstone_lets_the_id_begin_again_empty(rest: Rest) -> None:
    run = await rest.run(metric("loss", {0: 1.0}))
    await rest.delete(f"/runs/{run}")
    for _ in range(2):
        answer = await rest.post(f"/runs/{run}/clear-tombstone")
        assert (answer.status_code, answer.content) == (204, b"")
    refused(await rest.get(f"/runs/{run}/info"), 404, "Run not found.")
    await rest.log(run, {"type": "log_hparams", "value": {"again": True}})
    info = await rest.read(f"/runs/{run}/info")
    assert (info["params"], info["traces"]["metric"]) == ({"again": True}, [])


@pytest.mark.row(7)
async def test_clearing_where_there_is_nothing_makes_nothing(rest: Rest) -> None:
    none = fresh("none")
    assert (await rest.post(f"/runs/{none}/clear-tombstone")).status_code == 204
    refused(await rest.get(f"/runs/{none}/info"), 404, "Run not found.")
