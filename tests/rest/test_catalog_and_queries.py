"""Rows 41 to 60: runs and queries follow whatever becomes of experiments and tags; names are given once."""

import asyncio

import pytest
from tests.rest.asking import Rest, fresh, of, refused, seen, streamed

pytestmark = pytest.mark.asyncio(loop_scope="session")

NONE = {"id": None, "name": None, "description": None}


async def with_runs(rest: Rest, count: int) -> tuple[str, list[str]]:
    """Id of a new experiment, and its runs."""
    name = fresh("experiment")
    runs = [await rest.run({"type": "set_run_property", "experiment": name}) for _ in range(count)]
    return of(await rest.read("/experiments"), name=name)["id"], runs


async def tagged(rest: Rest) -> tuple[str, str, str]:
    """A new run, the name of its one tag, and the tag's id."""
    run, name = await rest.run(), fresh("tag")
    return run, name, (await rest.made(f"/runs/{run}/tags/new", {"tag_name": name}))["tag_id"]


async def found(rest: Rest, query: str) -> set[str]:
    answer = await rest.get("/runs/search/run", params={"q": query, "report_progress": "false"})
    return set(streamed(answer))


async def tags_of(rest: Rest, run: str) -> list[str]:
    return [tag["name"] for tag in (await rest.read(f"/runs/{run}/info"))["props"]["tags"]]


@pytest.mark.parametrize(
    "kind", [pytest.param("experiments", marks=pytest.mark.row(43)), pytest.param("tags", marks=pytest.mark.row(56))]
)
async def test_of_200_creations_at_once_exactly_one_wins(rest: Rest, kind: str) -> None:
    name = fresh("contested")
    answers = await asyncio.gather(*(rest.post(f"/{kind}", {"name": name}) for _ in range(200)))
    await rest.product.caught_up()
    winner = of(await rest.read(f"/{kind}"), name=name)["id"]
    made = [answer.json()["id"] for answer in answers if answer.status_code == 200]
    assert {(await rest.read(f"/{kind}/{one}"))["id"] for one in made} == {winner}
    told = [answer.status_code for answer in answers if seen(answer)]
    assert set(told) <= {200, 400}
    assert told.count(200) <= 1 < len(told)
    assert (await rest.post(f"/{kind}", {"name": name})).status_code == 400


@pytest.mark.row(46)
async def test_a_deleted_experiment_leaves_its_runs_without_one(rest: Rest) -> None:
    experiment, (run, other) = await with_runs(rest, 2)
    name = (await rest.read(f"/experiments/{experiment}"))["name"]
    tag = (await rest.made(f"/runs/{run}/tags/new", {"tag_name": fresh("tag")}))["tag_id"]
    note = (await rest.made(f"/experiments/{experiment}/note", {"content": "x"}))["id"]
    before = (await rest.read("/projects/activity"))["num_experiments"]
    answer = await rest.delete(f"/experiments/{experiment}")
    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    assert (await rest.read("/projects/activity"))["num_experiments"] == before - 1
    assert name not in [one["name"] for one in await rest.read("/experiments")]
    for path in ("", "/runs", "/activity", "/note", f"/note/{note}"):
        refused(await rest.get(f"/experiments/{experiment}{path}"), 404, "Not Found")
    refused(await rest.delete(f"/experiments/{experiment}"), 404, "Not Found")
    assert (await rest.read(f"/runs/{run}/info"))["props"]["experiment"] == NONE
    assert (await rest.read(f"/tags/{tag}/runs"))["runs"][0]["experiment"] is None
    assert await found(rest, f"run.experiment == '{name}'") == set()
    assert {run, other} <= await found(rest, "run.experiment == None")
    assert {run, other} <= await found(rest, f"run.experiment != '{name}'")


@pytest.mark.row(46)
async def test_who_names_a_deleted_experiment_makes_it_anew(rest: Rest) -> None:
    experiment, (run, other) = await with_runs(rest, 2)
    name = (await rest.read(f"/experiments/{experiment}"))["name"]
    await rest.delete(f"/experiments/{experiment}")
    await rest.log(run, {"type": "set_run_property", "experiment": name})
    anew = of(await rest.read("/experiments"), name=name)
    assert (anew["id"] != experiment, anew["run_count"]) == (True, 1)
    assert await found(rest, f"run.experiment == '{name}'") == {run}
    assert (await rest.read(f"/runs/{other}/info"))["props"]["experiment"] == NONE
    await rest.delete(f"/experiments/{anew['id']}")
    await rest.put(f"/runs/{other}", {"experiment": name})
    assert of(await rest.read("/experiments"), name=name)["run_count"] == 1


@pytest.mark.row(58)
async def test_a_rename_is_seen_at_once_in_props_and_queries(rest: Rest) -> None:
    run, name, tag = await tagged(rest)
    renamed = fresh("renamed")
    answer = await rest.put(f"/tags/{tag}", {"name": f" {renamed} "})
    assert (answer.status_code, answer.json()) == (200, {"id": tag, "status": "OK"})
    assert await tags_of(rest, run) == [renamed]
    assert await found(rest, f"'{renamed}' in run.tags") == {run}
    assert await found(rest, f"'{name}' in run.tags") == set()
    assert run in await found(rest, f"'{name}' not in run.tags")
    assert (await rest.made("/tags", {"name": name}))["id"] != tag


@pytest.mark.row(58)
async def test_what_a_change_does_not_name_stays_and_an_empty_text_clears(rest: Rest) -> None:
    _, name, tag = await tagged(rest)
    await rest.put(f"/tags/{tag}", {"color": "#abc", "description": " d "})
    for body in ({}, {"name": "", "color": None, "description": None, "archived": None}, {"archived": True}):
        assert (await rest.put(f"/tags/{tag}", body)).status_code == 200
    read = await rest.read(f"/tags/{tag}")
    assert (read["name"], read["color"], read["description"], read["archived"]) == (name, "#abc", "d", True)
    await rest.put(f"/tags/{tag}", {"color": "", "description": "", "archived": False})
    read = await rest.read(f"/tags/{tag}")
    assert (read["color"], read["description"], read["archived"]) == (None, None, False)


@pytest.mark.row(58)
async def test_a_hidden_tag_stays_on_its_runs_unseen(rest: Rest) -> None:
    run, name, tag = await tagged(rest)
    await rest.put(f"/tags/{tag}", {"archived": True})
    assert await tags_of(rest, run) == []
    assert await found(rest, f"'{name}' in run.tags") == set()
    assert of(await rest.read("/tags"), id=tag)["run_count"] == 1
    other = await rest.run()
    assert (await rest.made(f"/runs/{other}/tags/new", {"tag_name": name}))["tag_id"] == tag
    await rest.put(f"/tags/{tag}", {"archived": False})
    assert await tags_of(rest, run) == [name]
    assert await found(rest, f"'{name}' in run.tags") == {run, other}


@pytest.mark.row(59)
async def test_a_deleted_tag_is_gone_from_every_run(rest: Rest) -> None:
    run, name, tag = await tagged(rest)
    other = await rest.run({"type": "add_tag", "tag_name": name})
    answer = await rest.delete(f"/tags/{tag}")
    assert (answer.status_code, answer.content) == (200, b"null")
    for one in (run, other):
        assert await tags_of(rest, one) == []
    assert await found(rest, f"'{name}' in run.tags") == set()
    refused(await rest.get(f"/tags/{tag}"), 404, "Not Found")
    refused(await rest.get(f"/tags/{tag}/runs"), 404, "Not Found")
    refused(await rest.delete(f"/tags/{tag}"), 404, "Not Found")
    assert (await rest.delete(f"/runs/{run}/tags/{tag}")).json()["removed"] is False


@pytest.mark.row(59)
async def test_who_names_a_deleted_tag_makes_it_anew(rest: Rest) -> None:
    run, name, tag = await tagged(rest)
    other = await rest.run({"type": "add_tag", "tag_name": name})
    await rest.delete(f"/tags/{tag}")
    await rest.log(other, {"type": "add_tag", "tag_name": name})
    anew = of(await rest.read("/tags"), name=name)
    assert (anew["id"] != tag, anew["run_count"]) == (True, 1)
    assert await found(rest, f"'{name}' in run.tags") == {other}
    await rest.delete(f"/tags/{anew['id']}")
    third = (await rest.made(f"/runs/{run}/tags/new", {"tag_name": name}))["tag_id"]
    assert third not in (tag, anew["id"])
    assert await tags_of(rest, run) == [name]
