"""Rows 54 to 60: tags."""

import pytest
from tests.rest.asking import Rest, fresh, invalid, of, refused, streamed

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _made(rest: Rest) -> tuple[str, str]:
    """Id and name of a new one."""
    name = fresh("tag")
    return (await rest.made("/tags", {"name": name}))["id"], name


@pytest.mark.row(54)
async def test_tags_are_listed_in_creation_order_with_exact_counts(rest: Rest) -> None:
    (first, name), (second, _) = await _made(rest), await _made(rest)
    runs = [await rest.run({"type": "add_tag", "tag_name": name}) for _ in range(3)]
    await rest.put(f"/runs/{runs[0]}", {"archived": True})
    await rest.delete(f"/runs/{runs[1]}")
    await rest.put(f"/tags/{second}", {"archived": True})
    found = [one for one in await rest.read("/tags") if one["id"] in (first, second)]
    assert [(one["id"], one["run_count"], one["archived"]) for one in found] == [(first, 2, False), (second, 0, True)]
    assert set(found[0]) == {"id", "name", "color", "description", "run_count", "archived"}


@pytest.mark.row(55)
async def test_tags_are_found_by_a_part_of_their_name(rest: Rest) -> None:
    word = fresh("Word")
    names = [f"{word} one", f"{word.upper()} 100%"]
    for name in names:
        await rest.made("/tags", {"name": name})

    async def found(q: str) -> list[str]:
        return [one["name"] for one in await rest.read("/tags/search", params={"q": q})]

    assert await found(f" {word.lower()} ") == names
    assert await found(f"{word} 100%") == [names[1]]
    assert await found(f"{word}%") == []
    assert await found("") == [one["name"] for one in await rest.read("/tags")]


@pytest.mark.row(56)
async def test_a_tag_is_made_under_a_free_name(rest: Rest) -> None:
    name = fresh("tag")
    made = await rest.made("/tags", {"name": f" {name} ", "color": "#112233", "description": " why "})
    assert made == {"id": made["id"], "status": "OK"}
    found = await rest.read(f"/tags/{made['id']}")
    assert (found["name"], found["color"], found["description"]) == (name, "#112233", "why")
    refused(await rest.post("/tags", {"name": name}), 400, f"Tag with name '{name}' already exists")
    assert (await rest.post("/tags", {"name": " "})).status_code == 400
    for body in (b"{}", b'{"name": null}', b'{"name": "x", "color": 1}', b"[]", b"{"):
        invalid(await rest.post("/tags", body))


@pytest.mark.row(57)
async def test_one_tag(rest: Rest) -> None:
    made, name = await _made(rest)
    assert of(await rest.read("/tags"), name=name) == await rest.read(f"/tags/{made}")
    refused(await rest.get("/tags/none"), 404, "Not Found")


@pytest.mark.row(58)
async def test_a_tag_is_changed_and_its_runs_show_it_at_once(rest: Rest) -> None:
    (made, name), (_, taken) = await _made(rest), await _made(rest)
    run = await rest.run({"type": "add_tag", "tag_name": name})
    path, new = f"/tags/{made}", fresh("tag")
    answer = await rest.put(path, {"name": f" {new} ", "color": "red", "description": "why"})
    assert answer.json() == {"id": made, "status": "OK"}
    shown = {"id": made, "name": new, "color": "red", "description": "why"}
    assert (await rest.read(f"/runs/{run}/info"))["props"]["tags"] == [shown]
    for wanted, found in ((new, {run}), (name, set())):
        q = {"q": f'"{wanted}" in run.tags'}
        assert set(streamed(await rest.get("/runs/search/run", params=q))) == found
    await rest.put(path, {"name": "", "description": ""})
    changed = await rest.read(path)
    assert (changed["name"], changed["color"], changed["description"] or "") == (new, "red", "")
    refused(await rest.put(path, {"name": taken}), 400, f"Tag with name '{taken}' already exists")
    refused(await rest.put("/tags/none", {"archived": True}), 404, "Not Found")
    for body in (b'{"archived": 1}', b'{"color": []}', b"x"):
        invalid(await rest.put(path, body))


@pytest.mark.row(58)
async def test_an_archived_tag_is_hidden_at_its_runs(rest: Rest) -> None:
    made, name = await _made(rest)
    run = await rest.run({"type": "add_tag", "tag_name": name})
    await rest.put(f"/tags/{made}", {"archived": True})
    assert (await rest.read(f"/runs/{run}/info"))["props"]["tags"] == []
    assert [one["run_id"] for one in (await rest.read(f"/tags/{made}/runs"))["runs"]] == [run]


@pytest.mark.row(59)
async def test_a_deleted_tag_is_off_every_run(rest: Rest) -> None:
    made, name = await _made(rest)
    run = await rest.run({"type": "add_tag", "tag_name": name})
    answer = await rest.delete(f"/tags/{made}")
    assert (answer.status_code, answer.content) == (200, b"null")
    assert (await rest.read(f"/runs/{run}/info"))["props"]["tags"] == []
    assert streamed(await rest.get("/runs/search/run", params={"q": f'"{name}" in run.tags'})) == {}
    for path in ("", "/runs"):
        assert (await rest.get(f"/tags/{made}{path}")).status_code == 404
    refused(await rest.delete(f"/tags/{made}"), 404, "Not Found")
    again = await rest.made(f"/runs/{run}/tags/new", {"tag_name": name})
    assert again["tag_id"] != made


@pytest.mark.row(60)
async def test_runs_of_a_tag_come_newest_first(rest: Rest) -> None:
    made, name = await _made(rest)
    experiment = fresh("experiment")
    more = {"type": "set_run_property", "name": "a run", "experiment": experiment}
    runs = [await rest.run(more, {"type": "add_tag", "tag_name": name}) for _ in range(3)]
    await rest.put(f"/runs/{runs[0]}", {"archived": True, "active": False, "experiment": ""})
    await rest.delete(f"/runs/{runs[1]}")
    answer = await rest.read(f"/tags/{made}/runs")
    assert answer["id"] == made
    assert [(run["run_id"], run["name"], run["experiment"], run["end_time"] is None) for run in answer["runs"]] == [
        (runs[2], "a run", experiment, True),
        (runs[0], "a run", None, False),
    ]
    refused(await rest.get("/tags/none/runs"), 404, "Not Found")
