import asyncio
import re
from datetime import datetime
from typing import Any

import pytest
from tests.unit.command_api.http.service import Service

from contracts.events import RunRenamed, SequencesPinned
from contracts.position import decode_token
from contracts.rest.times import iso_utc
from contracts.trees import unpack

PREFIXES = ("/api", "/api/v1/rest")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_run_is_changed_and_the_views_show_it_at_once(service: Service, prefix: str, slash: str) -> None:
    await service.begin()
    change = {"name": " n ", "description": "d", "archived": True, "active": False, "id": "ignored"}
    answer = await service.client.put(f"{prefix}/runs/run-1{slash}", json=change)
    assert (answer.status_code, answer.json()) == (200, {"id": "run-1", "status": "OK"})
    assert "X-Tallybook-Visible" not in answer.headers
    assert decode_token(answer.headers["X-Tallybook-Position"])
    run = await service.run("run-1")
    assert (run.name, run.description, run.archived, run.active) == ("n", "d", True, False)


async def test_a_run_is_moved_to_an_experiment_that_the_views_show_at_once(service: Service) -> None:
    await service.begin()
    answer = await service.client.put("/api/runs/run-1", json={"experiment": " e "})
    assert answer.status_code == 200
    experiment = (await service.catalog()).experiment((await service.run("run-1")).experiment_id)
    assert experiment is not None
    assert experiment.name == "e"
    await service.client.put("/api/runs/run-1", json={"experiment": ""})
    assert (await service.run("run-1")).experiment_id is None


async def test_changing_nothing_is_answered_without_a_position(service: Service) -> None:
    await service.begin()
    answer = await service.client.put("/api/runs/run-1", json={"name": None})
    assert (answer.status_code, answer.json()) == (200, {"id": "run-1", "status": "OK"})
    assert "X-Tallybook-Position" not in answer.headers


async def test_a_run_is_deleted_once_and_its_id_is_free_after_the_tombstone(service: Service) -> None:
    await service.begin()
    answer = await service.client.delete("/api/runs/run-1/")
    assert (answer.status_code, answer.json()) == (200, {"id": "run-1", "status": "OK"})
    again = await service.client.delete("/api/runs/run-1/")
    assert (again.status_code, again.json()["message"]) == (404, "Run not found.")
    assert (await service.client.put("/api/runs/run-1", json={"name": "n"})).status_code == 404
    cleared = await service.client.post("/api/v1/rest/runs/run-1/clear-tombstone/")
    assert (cleared.status_code, cleared.content) == (204, b"")
    await service.client.post("/api/v1/ingest/runs/run-1", json={"type": "create_run"})
    await service.client.post("/api/v1/rest/runs/run-1/clear-tombstone/")  # waits for what came before
    assert (await service.run("run-1")).incarnation == 2


@pytest.mark.parametrize("run_id", ["unknown", "progress_9", "%20", "%00", "x" * 300, "%ED%A0%80"])
async def test_clearing_a_tombstone_succeeds_for_every_id(service: Service, run_id: str) -> None:
    answer = await service.client.post(f"/api/runs/{run_id}/clear-tombstone")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_tag_is_attached_made_if_missing_and_taken_off(service: Service) -> None:
    await service.begin()
    answer = await service.client.post("/api/runs/run-1/tags/new", json={"tag_name": " best "})
    tag_id = answer.json()["tag_id"]
    assert answer.status_code == 200
    assert answer.json() == {"id": "run-1", "tag_id": tag_id, "status": "OK"}
    assert UUID.fullmatch(tag_id)
    assert [tag.name for tag in (await service.catalog()).tags_of((await service.run("run-1")).tag_ids)] == ["best"]
    again = await service.client.post("/api/v1/rest/runs/run-1/tags/new/", json={"tag_name": "best"})
    assert again.json()["tag_id"] == tag_id
    assert len((await service.run("run-1")).tag_ids) == 1
    path = f"/api/v1/rest/runs/run-1/tags/{tag_id}/"
    assert (await service.client.delete(path)).json() == {"id": "run-1", "removed": True, "status": "OK"}
    assert (await service.client.delete(path)).json() == {"id": "run-1", "removed": False, "status": "OK"}
    assert (await service.run("run-1")).tag_ids == []


async def test_a_note_is_created_with_its_time_as_text(service: Service) -> None:
    await service.begin()
    answer = await service.client.post("/api/runs/run-1/note", json={"content": " text "})
    assert answer.status_code == 201
    assert UUID.fullmatch(answer.json()["id"])
    created = answer.json()["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", created)
    assert datetime.fromisoformat(created).timestamp() > 0


async def test_a_note_is_changed_and_removed(service: Service) -> None:
    await service.begin()
    created = await service.client.post("/api/runs/run-1/note", json={"content": "one"})
    path = f"/api/runs/run-1/note/{created.json()['id']}"
    changed = await service.client.put(path, json={"content": " two "})
    assert (changed.status_code, changed.json()["content"]) == (200, "two")
    assert changed.json()["updated_at"] > created.json()["created_at"]
    (document,) = await service.notes()
    assert (document["content"], iso_utc(document["created_at"])) == ("two", created.json()["created_at"])
    removed = await service.client.delete(path)
    assert (removed.status_code, removed.json()) == (200, {"status": "OK"})
    assert await service.notes() == []
    again = await service.client.delete(path)
    assert again.status_code == 404
    assert again.json()["message"] == f"Note with id {created.json()['id']} is not found in this run."


async def test_a_note_of_another_run_is_not_found(service: Service) -> None:
    await service.begin()
    await service.begin("run-2")
    created = await service.client.post("/api/runs/run-1/note", json={"content": "one"})
    answer = await service.client.delete(f"/api/runs/run-2/note/{created.json()['id']}")
    assert answer.status_code == 404
    assert len(await service.notes()) == 1


async def test_an_experiment_is_created_and_changed(service: Service) -> None:
    answer = await service.client.post("/api/experiments", json={"name": " e "})
    experiment_id = answer.json()["id"]
    assert (answer.status_code, answer.json()) == (200, {"id": experiment_id, "status": "OK"})
    path = f"/api/v1/rest/experiments/{experiment_id}"
    changed = await service.client.put(path, json={"name": "f", "description": "d", "archived": True})
    assert (changed.status_code, changed.json()) == (200, {"id": experiment_id, "status": "OK"})
    experiment = (await service.catalog()).experiments[experiment_id]
    assert (experiment.name, experiment.description, experiment.archived) == ("f", "d", True)
    taken = await service.client.post("/api/experiments/", json={"name": "f"})
    assert (taken.status_code, taken.json()["message"]) == (400, "Experiment with name 'f' already exists")
    assert (await service.client.put("/api/experiments/unknown", json={})).status_code == 404


async def test_a_tag_is_created_and_its_name_is_taken(service: Service) -> None:
    answer = await service.client.post("/api/tags", json={"name": "t", "color": "#fff", "description": "d"})
    assert answer.status_code == 200
    tag = (await service.catalog()).tags[answer.json()["id"]]
    assert (tag.name, tag.color, tag.description) == ("t", "#fff", "d")
    taken = await service.client.post("/api/v1/rest/tags/", json={"name": " t "})
    assert (taken.status_code, taken.json()["message"]) == (400, "Tag with name 't' already exists")


async def test_an_experiment_is_deleted_and_its_runs_stay(service: Service) -> None:
    await service.begin()
    await service.client.put("/api/runs/run-1", json={"experiment": "e"})
    (experiment,) = (await service.catalog()).experiments.values()
    path = f"/api/v1/rest/experiments/{experiment.id}"
    note = await service.client.post(f"{path}/note/", json={"content": "c"})
    assert note.status_code == 201
    answer = await service.client.delete(f"{path}/")
    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    assert (await service.catalog()).experiment((await service.run("run-1")).experiment_id) is None
    for method, below in (("DELETE", ""), ("PUT", ""), ("POST", "/note"), ("PUT", f"/note/{note.json()['id']}")):
        gone = await service.client.request(method, f"{path}{below}", json={"content": "c"})
        assert (gone.status_code, gone.json()["message"]) == (404, "Not Found")
    again = await service.client.put("/api/runs/run-1", json={"experiment": "e"})
    assert again.status_code == 200
    made = (await service.catalog()).experiment((await service.run("run-1")).experiment_id)
    assert made is not None
    assert (made.name, made.id != experiment.id) == ("e", True)


async def test_ingestion_that_names_a_deleted_experiment_or_tag_makes_it_anew(service: Service) -> None:
    message = [{"type": "set_run_property", "experiment": "e"}, {"type": "add_tag", "tag_name": "t"}]
    path = "/api/v1/ingest/runs/run-1"
    assert (await service.client.post(path, json=message)).json()["rejected"] == []
    await service.until(lambda: _both(service))
    before = await service.catalog()
    await service.client.delete(f"/api/experiments/{next(iter(before.experiments))}")
    await service.client.delete(f"/api/tags/{next(iter(before.tags))}")
    assert not (await service.catalog()).experiments
    assert (await service.client.post(path, json=message)).json()["rejected"] == []
    await service.until(lambda: _both(service))
    after = await service.catalog()
    assert (after.experiments.keys() & before.experiments.keys(), after.tags.keys() & before.tags.keys()) == (
        set(),
        set(),
    )
    await service.client.post("/api/runs/run-1/note", json={"content": "waits for the run's earlier events"})
    run = await service.run("run-1")
    assert [tag.name for tag in after.tags_of(run.tag_ids)] == ["t"]
    assert after.experiment(run.experiment_id) is not None


async def _both(service: Service) -> bool:
    catalog = await service.catalog()
    return bool(catalog.experiments and catalog.tags)


async def test_notes_of_an_experiment_are_written_changed_and_removed(service: Service) -> None:
    ids = [(await service.client.post("/api/experiments", json={"name": name})).json()["id"] for name in ("e", "f")]
    path = f"/api/experiments/{ids[0]}/note"
    created = await service.client.post(path, json={"content": " text "})
    assert created.status_code == 201
    assert UUID.fullmatch(created.json()["id"])
    changed = await service.client.put(f"{path}/{created.json()['id']}/", json={"content": " more "})
    assert (changed.status_code, changed.json()["content"]) == (200, "more")
    assert changed.json()["updated_at"] > created.json()["created_at"]
    foreign = f"/api/experiments/{ids[1]}/note/{created.json()['id']}"
    for method in ("PUT", "DELETE"):
        answer = await service.client.request(method, foreign, json={"content": "c"})
        assert answer.status_code == 404
        assert answer.json()["message"] == f"Note with id {created.json()['id']} is not found in this experiment."
    removed = await service.client.delete(f"{path}/{created.json()['id']}")
    assert (removed.status_code, removed.json()) == (200, {"status": "OK"})
    assert (await service.client.delete(f"{path}/{created.json()['id']}")).status_code == 404


async def test_a_tag_is_changed_and_shown_at_once(service: Service) -> None:
    created = await service.client.post("/api/tags", json={"name": "t", "color": "#fff", "description": "d"})
    path = f"/api/v1/rest/tags/{created.json()['id']}"
    answer = await service.client.put(f"{path}/", json={"name": " u ", "color": "", "archived": True})
    assert (answer.status_code, answer.json()) == (200, created.json())
    tag = (await service.catalog()).tags[created.json()["id"]]
    assert (tag.name, tag.color, tag.description, tag.archived) == ("u", None, "d", True)
    await service.client.post("/api/tags", json={"name": "t"})
    taken = await service.client.put(path, json={"name": "t"})
    assert (taken.status_code, taken.json()["message"]) == (400, "Tag with name 't' already exists")
    assert (await service.client.put("/api/tags/unknown", json={})).status_code == 404


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_tag_is_deleted_from_every_run(service: Service, prefix: str) -> None:
    await service.begin()
    tagged = await service.client.post("/api/runs/run-1/tags/new", json={"tag_name": "t"})
    tag_id = tagged.json()["tag_id"]
    answer = await service.client.delete(f"{prefix}/tags/{tag_id}")
    assert (answer.status_code, answer.content) == (200, b"null")
    assert answer.headers["content-type"].startswith("application/json")
    assert (await service.catalog()).tags_of((await service.run("run-1")).tag_ids) == []
    gone = await service.client.delete(f"{prefix}/tags/{tag_id}")
    assert (gone.status_code, gone.json()["message"]) == (404, "Not Found")
    off = await service.client.delete(f"/api/runs/run-1/tags/{tag_id}")
    assert off.json()["removed"] is False
    again = await service.client.post("/api/runs/run-1/tags/new", json={"tag_name": "t"})
    assert again.json()["tag_id"] != tag_id
    assert [tag.name for tag in (await service.catalog()).tags_of((await service.run("run-1")).tag_ids)] == ["t"]


async def test_pinned_sequences_are_echoed_and_kept(service: Service) -> None:
    body = {"sequences": [{"name": "loss", "context": {"subset": "train", "deep": [1, None]}}, {"name": "b"}]}
    answer = await service.client.post("/api/projects/pinned-sequences", json=body)
    kept = {"sequences": [body["sequences"][0], {"name": "b", "context": {}}]}
    assert (answer.status_code, answer.json()) == (200, kept)
    pinned = (await service.catalog()).pinned
    assert pinned is not None
    assert unpack(pinned) == kept["sequences"]


async def test_events_say_who_asked_and_in_which_request(service: Service) -> None:
    await service.begin()
    headers = {"X-User": "ada", "X-Request-Id": "r-1"}
    answer = await service.client.put("/api/runs/run-1", json={"name": "n"}, headers=headers)
    assert answer.headers["X-Request-Id"] == "r-1"
    (renamed,) = (each for each in service.recorded() if isinstance(each.event, RunRenamed))
    assert (renamed.header.actor, renamed.header.request_id) == ("ada", "r-1")


async def test_a_success_that_no_view_shows_says_so(stalled: Service) -> None:
    answer = await stalled.client.post("/api/v1/rest/projects/pinned-sequences", json={"sequences": []})
    assert (answer.status_code, answer.headers["X-Tallybook-Visible"]) == (200, "false")
    assert [type(each.event) for each in stalled.recorded()] == [SequencesPinned]


async def test_of_two_replicas_one_creates_a_name(twins: Service) -> None:
    body = {"name": "t"}
    answers = await asyncio.gather(*(c.post("/api/tags", json=body) for c in twins.clients * 4))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {a.json()["message"] for a in answers if a.status_code == 400} == {"Tag with name 't' already exists"}
    assert len((await twins.catalog()).tags) == 1


@pytest.mark.parametrize("kind", ["experiments", "tags"])
async def test_of_200_creations_of_one_name_exactly_one_wins(twins: Service, kind: str) -> None:
    answers = await asyncio.gather(*(c.post(f"/api/{kind}", json={"name": "n"}) for c in twins.clients * 100))
    assert (await twins.client.post(f"/api/{kind}", json={"name": "n"})).status_code == 400
    catalog = await twins.catalog()
    (winner,) = catalog.experiments if kind == "experiments" else catalog.tags
    # A machine under load answers some before their outcome is there: their ids stand for the winner's.
    made = [answer for answer in answers if answer.status_code == 200]
    assert {catalog.resolve(answer.json()["id"]) for answer in made} == {winner}
    assert sum("X-Tallybook-Visible" not in answer.headers for answer in made) <= 1
    assert {answer.status_code for answer in answers} == {200, 400}


async def test_of_two_replicas_one_deletes_and_the_other_hands_out_no_id_of_the_past(twins: Service) -> None:
    await twins.begin()
    first, second = twins.clients
    path, body = "/api/runs/run-1/tags/new", {"tag_name": "t"}
    before = (await first.post(path, json=body)).json()["tag_id"]
    assert (await second.delete(f"/api/tags/{before}")).status_code == 200
    after = (await first.post(path, json=body)).json()["tag_id"]
    assert after != before
    assert list((await twins.catalog()).tags) == [after]


@pytest.mark.parametrize("kind", ["experiments", "tags"])
async def test_of_two_deletions_of_one_entry_the_second_in_the_log_is_not_found(twins: Service, kind: str) -> None:
    made = (await twins.client.post(f"/api/{kind}", json={"name": "n"})).json()["id"]
    answers = await asyncio.gather(*(c.delete(f"/api/{kind}/{made}") for c in twins.clients))
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert {a.json()["message"] for a in answers if a.status_code == 404} == {"Not Found"}


async def test_of_two_replicas_both_attach_the_same_new_tag(twins: Service) -> None:
    await twins.begin()
    path, body = "/api/runs/run-1/tags/new", {"tag_name": "t"}
    answers = await asyncio.gather(*(c.post(path, json=body) for c in twins.clients))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.json()["tag_id"] for answer in answers}) == 1
    catalog = await twins.catalog()
    assert len(catalog.tags_of((await twins.run("run-1")).tag_ids)) == 1
    gone = await twins.client.delete(f"/api/runs/run-1/tags/{answers[0].json()['tag_id']}")
    assert gone.json()["removed"]
    assert (await twins.run("run-1")).tag_ids == []


async def test_of_two_deletions_the_second_in_the_log_is_not_found(twins: Service) -> None:
    await twins.begin()
    answers = await asyncio.gather(*(c.delete("/api/runs/run-1") for c in twins.clients))
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert {a.json()["message"] for a in answers if a.status_code == 404} == {"Run not found."}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/runs/nope", {"name": "n"}),
        ("DELETE", "/runs/nope", None),
        ("POST", "/runs/nope/tags/new", {"tag_name": "t"}),
        ("DELETE", "/runs/nope/tags/t", None),
        ("POST", "/runs/nope/note", {"content": "c"}),
        ("PUT", "/runs/nope/note/n", {"content": "c"}),
        ("DELETE", "/runs/nope/note/n", None),
    ],
)
@pytest.mark.parametrize("prefix", PREFIXES)
async def test_every_route_of_an_unknown_run_says_so(
    service: Service, prefix: str, method: str, path: str, body: Any
) -> None:
    answer = await service.client.request(method, prefix + path, json=body)
    assert (answer.status_code, answer.json()["message"]) == (404, "Run not found.")
    assert service.recorded() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/runs/run-1", {"name": 3}, 422),
        ("PUT", "/runs/run-1", {"archived": "yes"}, 422),
        ("PUT", "/runs/run-1", {"active": []}, 422),
        ("PUT", "/runs/run-1", {"name": "x" * 1_025}, 422),
        ("PUT", "/runs/run-1", {"description": "x" * (256 * 1024 + 1)}, 422),
        ("PUT", "/runs/run-1", [], 422),
        ("PUT", "/runs/run-1", "text", 422),
        ("POST", "/runs/run-1/tags/new", {}, 422),
        ("POST", "/runs/run-1/tags/new", {"tag_name": None}, 422),
        ("POST", "/runs/run-1/tags/new", {"tag_name": " "}, 400),
        ("POST", "/runs/run-1/note", {}, 422),
        ("POST", "/runs/run-1/note", {"content": 1}, 422),
        ("PUT", "/runs/run-1/note/n", {}, 422),
        ("PUT", "/runs/run-1/note/n", {"content": "c"}, 404),
        ("DELETE", "/runs/run-1/note/n", None, 404),
        ("POST", "/experiments", {}, 422),
        ("POST", "/experiments", {"name": []}, 422),
        ("POST", "/experiments", {"name": ""}, 400),
        ("POST", "/tags", {"color": "#fff"}, 422),
        ("POST", "/tags", {"name": " "}, 400),
        ("PUT", "/tags/nope", {"name": 1}, 422),
        ("PUT", "/tags/nope", {"color": {}}, 422),
        ("PUT", "/tags/nope", {"archived": 1}, 422),
        ("PUT", "/tags/nope", {"name": "x" * 1_025}, 422),
        ("PUT", "/tags/nope", {"name": "n"}, 404),
        ("DELETE", "/tags/nope", None, 404),
        ("DELETE", "/experiments/nope", None, 404),
        ("POST", "/experiments/nope/note", {}, 422),
        ("POST", "/experiments/nope/note", {"content": None}, 422),
        ("POST", "/experiments/nope/note", {"content": "c"}, 404),
        ("PUT", "/experiments/nope/note/n", {"content": []}, 422),
        ("PUT", "/experiments/nope/note/n", {"content": "c"}, 404),
        ("DELETE", "/experiments/nope/note/n", None, 404),
        ("POST", "/projects/pinned-sequences", {}, 422),
        ("POST", "/projects/pinned-sequences", {"sequences": {}}, 422),
        ("POST", "/projects/pinned-sequences", {"sequences": [{"context": {}}]}, 422),
        ("POST", "/projects/pinned-sequences", {"sequences": [{"name": "a", "context": []}]}, 422),
    ],
)
@pytest.mark.parametrize("prefix", PREFIXES)
async def test_bad_bodies_are_refused_with_the_envelope_and_write_nothing(
    service: Service, prefix: str, method: str, path: str, body: Any, status: int
) -> None:
    await service.begin()
    before = len(service.recorded())
    answer = await service.client.request(method, prefix + path, json=body)
    assert answer.status_code == status
    assert answer.json()["message"] == answer.json()["detail"] == answer.json()["error"]["message"] != ""
    assert len(service.recorded()) == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"name":"a"', b"NaN"])
async def test_what_is_no_json_is_refused(service: Service, content: bytes) -> None:
    await service.begin()
    answer = await service.client.put("/api/runs/run-1", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")


async def test_a_body_is_json_whatever_its_content_type_says(service: Service) -> None:
    answer = await service.client.post("/api/tags", content=b'{"name":"t"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200
