"""Rows 61 to 66: the one project."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, logged, metric, refused

pytestmark = pytest.mark.asyncio(loop_scope="session")

KINDS = {"metric", "images", "texts", "distributions", "audios", "figures"}


@pytest.mark.row(61)
async def test_the_project_asks_for_no_telemetry_and_shows_no_banner(rest: Rest) -> None:
    answer = await rest.read("/projects")
    assert (answer["name"], answer["path"], answer["description"]) == ("My project", "", "")
    assert [answer[key] for key in ("telemetry_enabled", "warn_index", "warn_runs")] == [0, False, False]
    assert answer["telemetry_enabled"] is not False


@pytest.mark.row(62)
async def test_activity_counts_by_local_hours(rest: Rest) -> None:
    before = await rest.read("/projects/activity", headers={"X-Timezone-Offset": "-240"})
    run = await rest.log(fresh("run"), {"type": "create_run"})
    at = (await rest.read(f"/runs/{run}/info"))["props"]["creation_time"]
    ended = await rest.run()
    await rest.put(f"/runs/{ended}", {"active": False, "archived": True})
    await rest.made("/experiments", {"name": fresh("experiment")})
    after = await rest.read("/projects/activity", headers={"X-Timezone-Offset": "-240"})
    counted = {key: after[key] - before[key] for key in after if key.startswith("num_")}
    assert counted == {"num_experiments": 1, "num_runs": 2, "num_archived_runs": 1, "num_active_runs": 1}
    assert sum(after["activity_map"].values()) == after["num_runs"]
    hour = _hour(at + 240 * 60)
    assert after["activity_map"][hour] > before["activity_map"].get(hour, 0)
    invalid(await rest.get("/projects/activity", headers={"X-Timezone-Offset": "x"}), "X-Timezone-Offset")


def _hour(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:00:00")


@pytest.mark.row(63)
async def test_params_and_sequences_of_all_runs(rest: Rest) -> None:
    word = fresh("word").replace("-", "_")
    await rest.run({"type": "log_hparams", "value": {word: {"lr": 0.1, "layers": [64]}}}, metric(word, {0: 1.0}, a=1))
    await rest.run({"type": "log_hparams", "value": {word: {"name": "x"}}}, metric(word, {0: 1.0}))
    await rest.run(logged("text", word, [{"data": "x"}]))
    answer = await rest.read("/projects/params")
    assert set(answer) == KINDS | {"params"}
    assert answer["params"][word]["lr"] == {"__example_type__": "<class 'float'>"}
    assert answer["params"][word]["name"] == {"__example_type__": "<class 'str'>"}
    assert answer["params"][word]["layers"]["__example_type__"] == "<class 'list'>"
    assert sorted(answer["metric"][word], key=str) == sorted([{"a": 1}, {}], key=str)
    assert answer["texts"][word] == [{}]
    assert "__system_params" not in answer["params"]


@pytest.mark.row(63)
async def test_params_as_far_as_they_are_wanted(rest: Rest) -> None:
    answer = await rest.read("/projects/params", params={"sequence": ["metric", "figures"], "exclude_params": "true"})
    assert set(answer) == {"metric", "figures"}
    refused(await rest.get("/projects/params", params={"sequence": "x"}), 400, "'x' is not a valid Sequence")
    invalid(await rest.get("/projects/params", params={"exclude_params": "2"}), "exclude_params")


@pytest.mark.row(64)
@pytest.mark.row(65)
async def test_pinned_sequences_are_replaced_as_a_whole(rest: Rest) -> None:
    for wanted in ([{"name": "loss", "context": {"subset": "val"}}, {"name": "gain", "context": {}}], []):
        body: dict[str, Any] = {"sequences": wanted}
        assert await rest.made("/projects/pinned-sequences", body) == body
        assert await rest.read("/projects/pinned-sequences") == body


@pytest.mark.row(65)
async def test_pinned_sequences_are_a_list_of_names(rest: Rest) -> None:
    for body in (b"{}", b"[]", b'{"sequences": null}', b'{"sequences": [{"context": {}}]}', b'{"sequences": [1]}'):
        invalid(await rest.post("/projects/pinned-sequences", body))


@pytest.mark.row(66)
async def test_the_index_is_up_to_date(rest: Rest) -> None:
    assert await rest.read("/projects/status") == "up-to-date"
