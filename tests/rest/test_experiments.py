"""Rows 41 to 53: experiments and their notes."""

import re
from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, metric, of, refused, streamed
from tests.rest.long_notes import LONG_TEXTS, LONG_TEXTS_ARE, TOO_LONG, is_told_how_long, is_whole

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _made(rest: Rest) -> tuple[str, str]:
    """Id and name of a new one."""
    name = fresh("experiment")
    return (await rest.made("/experiments", {"name": name}))["id"], name


async def _run(rest: Rest, experiment: str, *more: dict[str, Any]) -> str:
    return await rest.run({"type": "set_run_property", "name": "a run", "experiment": experiment}, *more)


@pytest.mark.row(41)
async def test_experiments_are_listed_in_creation_order_with_exact_counts(rest: Rest) -> None:
    (first, name), (second, _) = await _made(rest), await _made(rest)
    runs = [await _run(rest, name) for _ in range(3)]
    await rest.put(f"/runs/{runs[0]}", {"archived": True})
    await rest.delete(f"/runs/{runs[1]}")
    await rest.put(f"/experiments/{second}", {"archived": True})
    found = [one for one in await rest.read("/experiments") if one["id"] in (first, second)]
    assert [one["id"] for one in found] == [first, second]
    assert [one["run_count"] for one in found] == [2, 0]
    assert [one["archived"] for one in found] == [False, True]
    assert (found[0]["name"], found[0]["description"]) == (name, None)
    assert isinstance(found[0]["creation_time"], float)


@pytest.mark.row(42)
async def test_experiments_are_found_by_a_part_of_their_name(rest: Rest) -> None:
    word = fresh("Word")
    names = [f"{word} one", f"{word.upper()} 100%", f"two {word}_x"]
    for name in names:
        await rest.made("/experiments", {"name": name})

    async def found(q: str) -> list[str]:
        return [one["name"] for one in await rest.read("/experiments/search", params={"q": q})]

    assert await found(f" {word.lower()} ") == names
    assert await found(f"{word} 100%") == [names[1]]
    assert await found(f"{word}_") == [names[2]]
    assert await found(f"{word}%") == []
    assert await found("") == [one["name"] for one in await rest.read("/experiments")]


@pytest.mark.row(43)
async def test_an_experiment_is_made_under_a_free_name(rest: Rest) -> None:
    name = fresh("experiment")
    made = await rest.made("/experiments", {"name": f"  {name} "})
    assert made == {"id": made["id"], "status": "OK"}
    assert (await rest.read(f"/experiments/{made['id']}"))["name"] == name
    refused(await rest.post("/experiments", {"name": f"{name} "}), 400, f"Experiment with name '{name}' already exists")
    assert (await rest.post("/experiments", {"name": name.upper()})).status_code == 200
    assert (await rest.post("/experiments", {"name": "  "})).status_code == 400
    for body in (b"{}", b'{"name": null}', b'{"name": 1}', b"[]", b"{"):
        invalid(await rest.post("/experiments", body))


@pytest.mark.row(44)
async def test_one_experiment(rest: Rest) -> None:
    made, name = await _made(rest)
    assert of(await rest.read("/experiments"), name=name) == await rest.read(f"/experiments/{made}")
    refused(await rest.get("/experiments/none"), 404, "Not Found")


@pytest.mark.row(45)
async def test_an_experiment_is_changed(rest: Rest) -> None:
    (made, name), (_, taken) = await _made(rest), await _made(rest)
    path = f"/experiments/{made}"
    assert (await rest.put(path, {"description": "why", "x": 1})).json() == {"id": made, "status": "OK"}
    await rest.put(path, {"name": "", "archived": True})
    found = await rest.read(path)
    assert (found["name"], found["description"], found["archived"]) == (name, "why", True)
    new = fresh("experiment")
    await rest.put(path, {"name": f" {new} "})
    assert (await rest.read(path))["name"] == new
    refused(await rest.put(path, {"name": taken}), 400, f"Experiment with name '{taken}' already exists")
    refused(await rest.put("/experiments/none", {"archived": True}), 404, "Not Found")
    for body in (b'{"archived": "yes"}', b'{"name": 1}', b"[]"):
        invalid(await rest.put(path, body))


@pytest.mark.row(46)
async def test_a_deleted_experiment_lets_its_runs_go_and_takes_its_notes(rest: Rest) -> None:
    made, name = await _made(rest)
    run = await _run(rest, name)
    await rest.made(f"/experiments/{made}/note", {"content": "x"})
    assert (await rest.delete(f"/experiments/{made}")).json() == {"status": "OK"}
    assert (await rest.read(f"/runs/{run}/info"))["props"]["experiment"]["id"] is None
    assert [one for one in await rest.read("/experiments") if one["name"] == name] == []
    for path in ("", "/runs", "/activity", "/note"):
        assert (await rest.get(f"/experiments/{made}{path}")).status_code == 404
    refused(await rest.delete(f"/experiments/{made}"), 404, "Not Found")
    await _run(rest, name)
    again = of(await rest.read("/experiments"), name=name)
    assert (again["run_count"], again["id"] != made) == (1, True)


@pytest.mark.row(47)
async def test_runs_of_an_experiment_come_in_pages(rest: Rest) -> None:
    made, name = await _made(rest)
    runs = [await _run(rest, name) for _ in range(4)]
    await rest.put(f"/runs/{runs[0]}", {"archived": True, "active": False})
    await rest.delete(f"/runs/{runs[2]}")
    path = f"/experiments/{made}/runs"
    everything = await rest.read(path)
    assert everything["id"] == made
    assert [run["run_id"] for run in everything["runs"]] == [runs[3], runs[1], runs[0]]
    last = everything["runs"][-1]
    assert set(last) == {"run_id", "name", "creation_time", "end_time", "archived"}
    assert (last["name"], last["archived"], last["end_time"] is None) == ("a run", True, False)

    async def page(**params: Any) -> list[str]:
        return [run["run_id"] for run in (await rest.read(path, params=params))["runs"]]

    assert await page(limit=2) == [runs[3], runs[1]]
    assert await page(limit=2, offset=runs[1]) == [runs[0]]
    assert await page(offset=runs[3]) == [runs[1], runs[0]]
    assert await page(limit=0, offset="none") == [runs[3], runs[1], runs[0]]
    assert (await rest.get("/experiments/none/runs")).status_code == 404
    invalid(await rest.get(path, params={"limit": "x"}), "limit")


@pytest.mark.row(48)
async def test_activity_of_an_experiment_counts_by_local_hours(rest: Rest) -> None:
    made, name = await _made(rest)
    for flags in ({"archived": True}, {"active": False}, {}):
        await rest.put(f"/runs/{await rest.run()}", {"experiment": name, **flags})
    answer = await rest.read(f"/experiments/{made}/activity", headers={"X-Timezone-Offset": "-60"})
    assert answer["num_runs"] == 3
    assert answer["num_archived_runs"] == 1
    assert answer["num_active_runs"] == 2
    assert sum(answer["activity_map"].values()) == 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00", hour) for hour in answer["activity_map"])
    path = f"/experiments/{made}/activity"
    assert (await rest.get("/experiments/none/activity")).status_code == 404
    invalid(await rest.get(path, headers={"X-Timezone-Offset": "1.5"}))


@pytest.mark.row(49)
@pytest.mark.row(50)
async def test_notes_of_an_experiment_come_the_most_recently_changed_first(rest: Rest) -> None:
    made, _ = await _made(rest)
    path = f"/experiments/{made}/note"
    assert await rest.read(path) == []
    first = await rest.post(path, {"content": " first "})
    assert (first.status_code, set(first.json())) == (201, {"id", "created_at"})
    second = await rest.made(path, {"content": ""})
    assert [note["id"] for note in await rest.read(path)] == [second["id"], first.json()["id"]]
    await rest.put(f"{path}/{first.json()['id']}", {"content": "again"})
    notes = await rest.read(path)
    assert [note["content"] for note in notes] == ["again", ""]
    assert notes[0]["created_at"] == first.json()["created_at"]
    for method, body in (("GET", None), ("POST", {"content": "x"})):
        refused(await rest.ask(method, "/experiments/none/note", body), 404, "Not Found")


@pytest.mark.row(50)
async def test_a_note_of_an_experiment_is_a_text(rest: Rest) -> None:
    made, _ = await _made(rest)
    for body in (b"{}", b'{"content": null}', b'{"content": 1}', b"["):
        invalid(await rest.post(f"/experiments/{made}/note", body))


@pytest.mark.row(49)
@pytest.mark.row(50)
@pytest.mark.row(51)
@pytest.mark.row(52)
@pytest.mark.parametrize("content", LONG_TEXTS, ids=LONG_TEXTS_ARE)
async def test_a_long_note_of_an_experiment_is_kept_whole(rest: Rest, content: str) -> None:
    path = f"/experiments/{(await _made(rest))[0]}/note"
    made = await rest.made(path, {"content": f"{content}\n"})
    await is_whole(rest, path, made["id"], content)


@pytest.mark.row(50)
@pytest.mark.row(52)
@pytest.mark.parametrize("content", TOO_LONG, ids=["characters", "bytes"])
async def test_a_note_of_an_experiment_that_is_too_long_is_told_how_long_it_may_be(rest: Rest, content: str) -> None:
    await is_told_how_long(rest, f"/experiments/{(await _made(rest))[0]}/note", content)


@pytest.mark.row(51)
@pytest.mark.row(52)
@pytest.mark.row(53)
async def test_one_note_of_an_experiment_is_read_changed_and_removed(rest: Rest) -> None:
    made, _ = await _made(rest)
    note = (await rest.made(f"/experiments/{made}/note", {"content": "old"}))["id"]
    path = f"/experiments/{made}/note/{note}"
    read = await rest.read(path)
    assert (set(read), read["content"]) == ({"id", "content", "updated_at"}, "old")
    changed = (await rest.put(path, {"content": " new "})).json()
    assert (changed["id"], changed["content"]) == (note, "new")
    assert await rest.read(path) == changed
    invalid(await rest.put(path, {}))
    assert (await rest.delete(path)).json() == {"status": "OK"}
    assert await rest.read(f"/experiments/{made}/note") == []


@pytest.mark.parametrize(
    ("method", "body"),
    [
        pytest.param("GET", None, marks=pytest.mark.row(51)),
        pytest.param("PUT", {"content": "x"}, marks=pytest.mark.row(52)),
        pytest.param("DELETE", None, marks=pytest.mark.row(53)),
    ],
)
async def test_a_note_is_one_of_its_experiment(rest: Rest, method: str, body: dict[str, str] | None) -> None:
    (made, _), (other, _) = await _made(rest), await _made(rest)
    note = (await rest.made(f"/experiments/{other}/note", {"content": "x"}))["id"]
    for one in (note, "none"):
        answer = await rest.ask(method, f"/experiments/{made}/note/{one}", body)
        refused(answer, 404, f"Note with id {one} is not found in this experiment.")
    assert (await rest.ask(method, f"/experiments/none/note/{note}", body)).status_code == 404
    assert (await rest.read(f"/experiments/{other}/note"))[0]["content"] == "x"


@pytest.mark.row(45)
async def test_a_renamed_experiment_is_found_by_its_new_name(rest: Rest) -> None:
    made, name = await _made(rest)
    run = await _run(rest, name, metric("loss", {0: 1.0}))
    new = fresh("experiment")
    await rest.put(f"/experiments/{made}", {"name": new})
    assert set(streamed(await rest.get("/runs/search/run", params={"q": f'run.experiment == "{new}"'}))) == {run}
    assert streamed(await rest.get("/runs/search/run", params={"q": f'run.experiment == "{name}"'})) == {}
