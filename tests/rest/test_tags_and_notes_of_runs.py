"""Rows 8 to 14: what people attach to a run."""

import asyncio
import re

import pytest
from tests.rest.asking import Rest, fresh, invalid, of, refused, streamed
from tests.rest.long_notes import LONG_TEXTS, LONG_TEXTS_ARE, TOO_LONG, is_told_how_long, is_whole

pytestmark = pytest.mark.asyncio(loop_scope="session")

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


@pytest.mark.row(8)
async def test_a_tag_is_made_by_its_name_and_attached_once(rest: Rest) -> None:
    run, name = await rest.run(), fresh("tag")
    first = await rest.made(f"/runs/{run}/tags/new", {"tag_name": f"  {name} "})
    assert first == {"id": run, "tag_id": first["tag_id"], "status": "OK"}
    assert UUID.fullmatch(first["tag_id"])
    assert await rest.made(f"/runs/{run}/tags/new", {"tag_name": name}) == first
    assert (await rest.read(f"/runs/{run}/info"))["props"]["tags"] == [
        {"id": first["tag_id"], "name": name, "color": None, "description": None}
    ]
    assert of(await rest.read("/tags"), name=name)["run_count"] == 1


@pytest.mark.row(8)
async def test_a_tag_that_is_there_is_attached(rest: Rest) -> None:
    run, name = await rest.run(), fresh("tag")
    made = await rest.made("/tags", {"name": name, "color": "#112233"})
    assert (await rest.made(f"/runs/{run}/tags/new", {"tag_name": name}))["tag_id"] == made["id"]


@pytest.mark.row(8)
async def test_attaching_needs_a_run_and_a_name(rest: Rest) -> None:
    run = await rest.run()
    refused(await rest.post(f"/runs/{fresh('none')}/tags/new", {"tag_name": "x"}), 404, "Run not found.")
    assert (await rest.post(f"/runs/{run}/tags/new", {"tag_name": "  "})).status_code == 400
    for body in (b"{}", b'{"tag_name": null}', b'{"tag_name": 1}', b"[]"):
        invalid(await rest.post(f"/runs/{run}/tags/new", body))


@pytest.mark.row(9)
async def test_a_tag_is_taken_off_and_says_whether_it_was_on(rest: Rest) -> None:
    run = await rest.run()
    tag = (await rest.made(f"/runs/{run}/tags/new", {"tag_name": fresh("tag")}))["tag_id"]
    for removed in (True, False):
        answer = await rest.delete(f"/runs/{run}/tags/{tag}")
        assert (answer.status_code, answer.json()) == (200, {"id": run, "removed": removed, "status": "OK"})
    assert (await rest.delete(f"/runs/{run}/tags/none")).json()["removed"] is False
    assert (await rest.read(f"/runs/{run}/info"))["props"]["tags"] == []
    assert (await rest.read(f"/tags/{tag}"))["run_count"] == 0
    refused(await rest.delete(f"/runs/{fresh('none')}/tags/{tag}"), 404, "Run not found.")


@pytest.mark.row(9)
async def test_of_many_who_take_a_tag_off_at_once_one_did(rest: Rest) -> None:
    run = await rest.run()
    tag = (await rest.made(f"/runs/{run}/tags/new", {"tag_name": fresh("tag")}))["tag_id"]
    answers = await asyncio.gather(*[rest.delete(f"/runs/{run}/tags/{tag}") for _ in range(10)])
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["removed"] for answer in answers].count(True) == 1


@pytest.mark.row(10)
async def test_notes_are_listed_the_most_recently_changed_first(rest: Rest) -> None:
    run = await rest.run()
    first = await rest.made(f"/runs/{run}/note", {"content": "first"})
    second = await rest.made(f"/runs/{run}/note", {"content": "second"})
    assert [note["id"] for note in await rest.read(f"/runs/{run}/note")] == [second["id"], first["id"]]
    await rest.put(f"/runs/{run}/note/{first['id']}", {"content": "first again"})
    notes = await rest.read(f"/runs/{run}/note")
    assert [note["content"] for note in notes] == ["first again", "second"]
    assert notes[0]["created_at"] == first["created_at"] < notes[0]["updated_at"]
    refused(await rest.get(f"/runs/{fresh('none')}/note"), 404, "Run not found.")


@pytest.mark.row(11)
async def test_a_note_is_written(rest: Rest) -> None:
    run = await rest.run()
    answer = await rest.post(f"/runs/{run}/note", {"content": "  wider \n "})
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "created_at"}
    assert UUID.fullmatch(answer.json()["id"])
    assert ISO.fullmatch(answer.json()["created_at"])
    assert (await rest.read(f"/runs/{run}/note"))[0]["content"] == "wider"
    assert (await rest.post(f"/runs/{run}/note", {"content": ""})).status_code == 201


@pytest.mark.row(11)
async def test_a_note_needs_a_run_and_a_text(rest: Rest) -> None:
    run = await rest.run()
    refused(await rest.post(f"/runs/{fresh('none')}/note", {"content": "x"}), 404, "Run not found.")
    for body in (b"{}", b'{"content": null}', b'{"content": 1}', b'"x"'):
        invalid(await rest.post(f"/runs/{run}/note", body))


@pytest.mark.row(11)
@pytest.mark.row(13)
@pytest.mark.parametrize("content", TOO_LONG, ids=["characters", "bytes"])
async def test_a_note_that_is_too_long_is_told_how_long_it_may_be(rest: Rest, content: str) -> None:
    await is_told_how_long(rest, f"/runs/{await rest.run()}/note", content)


@pytest.mark.row(10)
@pytest.mark.row(11)
@pytest.mark.row(12)
@pytest.mark.row(13)
@pytest.mark.parametrize("content", LONG_TEXTS, ids=LONG_TEXTS_ARE)
async def test_a_long_note_is_kept_whole(rest: Rest, content: str) -> None:
    run = await rest.run()
    made = await rest.made(f"/runs/{run}/note", {"content": f"{content}\n"})
    await is_whole(rest, f"/runs/{run}/note", made["id"], content)
    query = {"q": f"run.hash == '{run}' and len(run.notes[0]) == {len(content)}"}
    assert set(streamed(await rest.get("/runs/search/run", params=query))) == {run}


@pytest.mark.row(12)
@pytest.mark.row(13)
@pytest.mark.row(14)
async def test_one_note_is_read_changed_and_removed(rest: Rest) -> None:
    run = await rest.run()
    note = (await rest.made(f"/runs/{run}/note", {"content": "old"}))["id"]
    read = await rest.read(f"/runs/{run}/note/{note}")
    assert (set(read), read["content"]) == ({"id", "content", "updated_at"}, "old")
    changed = (await rest.put(f"/runs/{run}/note/{note}", {"content": " new "})).json()
    assert (changed["id"], changed["content"]) == (note, "new")
    assert ISO.fullmatch(changed["updated_at"])
    assert await rest.read(f"/runs/{run}/note/{note}") == changed
    assert (await rest.delete(f"/runs/{run}/note/{note}")).json() == {"status": "OK"}
    assert await rest.read(f"/runs/{run}/note") == []


@pytest.mark.parametrize(
    ("method", "body"),
    [
        pytest.param("GET", None, marks=pytest.mark.row(12)),
        pytest.param("PUT", {"content": "x"}, marks=pytest.mark.row(13)),
        pytest.param("DELETE", None, marks=pytest.mark.row(14)),
    ],
)
async def test_a_note_is_one_of_its_run(rest: Rest, method: str, body: dict[str, str] | None) -> None:
    run, other = await rest.run(), await rest.run()
    note = (await rest.made(f"/runs/{other}/note", {"content": "x"}))["id"]
    for one in (note, "none"):
        answer = await rest.ask(method, f"/runs/{run}/note/{one}", body)
        refused(answer, 404, f"Note with id {one} is not found in this run.")
    assert (await rest.ask(method, f"/runs/{fresh('none')}/note/{note}", body)).status_code == 404
    assert (await rest.read(f"/runs/{other}/note"))[0]["content"] == "x"


@pytest.mark.row(13)
async def test_a_note_is_changed_to_a_text(rest: Rest) -> None:
    run = await rest.run()
    note = (await rest.made(f"/runs/{run}/note", {"content": "x"}))["id"]
    for body in (b"{}", b'{"content": null}', b'{"content": []}'):
        invalid(await rest.put(f"/runs/{run}/note/{note}", body))
