"""Dashboards, apps and reports over HTTP, with a projector that follows the log."""

import re
from typing import Any

import pytest
from tests.unit.command_api.http.service import V1, Service

from contracts.events import AppSaved, ReportSaved
from contracts.topics import CATALOG, MAX_RECORD_BYTES
from stores.blobs.values import BlobValues
from stores.boards import BoardReader

PREFIXES = ("/api", "/api/v1/rest")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
STATE = '{"z":1.0,"a":[1,1e2,-0.0,12345678901234567890123],"é":{"b":null,"a":""}}'
KINDS = ("dashboards", "apps", "reports")
BODIES: dict[str, dict[str, Any]] = {
    "dashboards": {"name": "n"},
    "apps": {"type": "metrics", "state": {}},
    "reports": {"name": "n"},
}


def reader(service: Service) -> BoardReader:
    return BoardReader(service.documents, V1, BlobValues(service.blobs))


async def made(service: Service, kind: str, **fields: Any) -> Any:
    answer = await service.client.post(f"/api/{kind}", json={**BODIES[kind], **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_bookmark_is_an_app_and_a_dashboard_of_it(service: Service, prefix: str, slash: str) -> None:
    body = {"type": "metrics", "state": {"q": "x"}, "id": "ignored"}
    created = await service.client.post(f"{prefix}/apps{slash}", json=body)
    app = created.json()
    assert created.status_code == 201
    assert app == {**app, "type": "metrics", "state": {"q": "x"}, "updated_at": app["created_at"]}
    assert UUID.fullmatch(app["id"])
    assert TIME.fullmatch(app["created_at"])
    bookmark = {"name": "n", "description": "d", "app_id": app["id"], "more": 1}
    saved = await service.client.post(f"{prefix}/dashboards{slash}", json=bookmark)
    dashboard = saved.json()
    assert saved.status_code == 201
    assert dashboard == {
        "id": dashboard["id"], "name": "n", "description": "d", "app_id": app["id"], "app_type": "metrics",
        "updated_at": dashboard["created_at"], "created_at": dashboard["created_at"],
    }  # fmt: skip
    assert "X-Tallybook-Visible" not in saved.headers
    assert saved.headers["X-Tallybook-Position"]
    assert [one.entry.id for one in await reader(service).dashboards()] == [dashboard["id"]]


async def test_a_state_is_kept_byte_for_byte(service: Service) -> None:
    content = f'{{"type": "metrics", "state": {STATE}}}'.encode()
    created = await service.client.post("/api/apps", content=content)
    assert f'"state":{STATE}' in created.text
    path = f"/api/apps/{created.json()['id']}"
    changed = await service.client.put(path, content=f'{{"state":\n {STATE} }}'.encode())
    assert (changed.status_code, f'"state":{STATE}' in changed.text) == (200, True)
    [app] = await reader(service).apps()
    assert app.state == STATE


async def test_a_change_that_names_nothing_still_moves_the_time(service: Service) -> None:
    for kind in KINDS:
        before = await made(service, kind)
        path = f"/api/v1/rest/{kind}/{before['id']}/"
        for body in ({}, dict.fromkeys(before), {"unheard": [1]}):
            answer = await service.client.put(path, json=body)
            after = answer.json()
            assert answer.status_code == 200, kind
            assert after["updated_at"] > before["updated_at"], kind
            assert {**after, "updated_at": before["updated_at"]} == before, kind
            before = after


async def test_a_report_comes_back_whole_as_the_uis_send_it(service: Service) -> None:
    report = await made(service, "reports", code="# hi", description=None)
    answer = await service.client.put(f"/api/reports/{report['id']}", json={**report, "code": "", "name": "m"})
    assert answer.json() == {**report, "code": "", "name": "m", "updated_at": answer.json()["updated_at"]}


async def test_an_empty_object_replaces_a_state_and_null_does_not(service: Service) -> None:
    app = await made(service, "apps", state={"a": 1})
    path = f"/api/apps/{app['id']}"
    assert (await service.client.put(path, json={"type": "board", "state": None})).json()["state"] == {"a": 1}
    changed = (await service.client.put(path, json={"state": {}})).json()
    assert (changed["type"], changed["state"]) == ("board", {})


@pytest.mark.parametrize("kind", KINDS)
async def test_the_end_is_null_for_the_aim_ui_and_nothing_for_ours_and_then_404(service: Service, kind: str) -> None:
    for prefix, expected in (("/api", (200, b"null")), ("/api/v1/rest", (204, b""))):
        path = f"{prefix}/{kind}/{(await made(service, kind))['id']}"
        answer = await service.client.delete(path)
        assert (answer.status_code, answer.content) == expected
        assert answer.headers["X-Tallybook-Position"]
        assert answer.headers.get("Content-Type") == ("application/json" if prefix == "/api" else None)
        for method, body in (("DELETE", None), ("PUT", {})):
            again = await service.client.request(method, path, json=body)
            assert (again.status_code, again.json()["message"]) == (404, "Not Found")


async def test_deleting_an_app_archives_the_dashboards_that_show_it(service: Service) -> None:
    app, other = await made(service, "apps"), await made(service, "apps")
    shown = await made(service, "dashboards", app_id=app["id"])
    kept = await made(service, "dashboards", app_id=other["id"])
    await service.client.delete(f"/api/apps/{app['id']}")
    assert [one.entry.id for one in await reader(service).dashboards()] == [kept["id"]]
    assert (await service.client.delete(f"/api/dashboards/{shown['id']}")).status_code == 404
    refused = await service.client.post("/api/dashboards", json={"name": "n", "app_id": app["id"]})
    assert (refused.status_code, refused.json()["message"]) == (400, "App not found")


async def test_megabytes_lie_in_the_blob_store_and_records_stay_small(service: Service) -> None:
    text = "é\n" * (1 << 20)
    app = await made(service, "apps", state={"text": text, "n": list(range(200_000))})
    report = await made(service, "reports", code=text)
    assert (app["state"]["text"], report["code"]) == (text, text)
    assert [len(record.value) < 1_000 for record in service.log.records(CATALOG)] == [True, True]
    assert len(service.blobs.stored) == 2
    await service.client.put(f"/api/apps/{app['id']}", json={"type": "board"})
    [shown] = await reader(service).apps()
    assert (shown.entry.kind, len(shown.state) > 3 << 20) == ("board", True)
    assert [one.code for one in await reader(service).reports()] == [text]
    kinds = [type(each.event) for each in service.recorded()]
    assert kinds == [AppSaved, ReportSaved, AppSaved]
    assert max(len(record.value) for record in service.log.records(CATALOG)) < MAX_RECORD_BYTES


async def test_a_success_that_no_view_shows_says_so(stalled: Service) -> None:
    answer = await stalled.client.post("/api/v1/rest/reports", json={"name": "n"})
    assert (answer.status_code, answer.headers["X-Tallybook-Visible"]) == (201, "false")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("dashboards", b"{}"),
        ("dashboards", b'{"name": null}'),
        ("dashboards", b'{"name": "n", "app_id": 1}'),
        ("dashboards", b'{"name": "n", "description": []}'),
        ("apps", b"{}"),
        ("apps", b'{"type": "t"}'),
        ("apps", b'{"state": {}}'),
        ("apps", b'{"type": 1, "state": {}}'),
        ("apps", b'{"type": "t", "state": null}'),
        ("apps", b'{"type": "t", "state": []}'),
        ("apps", b'{"type": "t", "state": "{}"}'),
        ("apps", b'{"type": "t", "state": {"a": NaN}}'),
        ("apps", b'{"type": "t", "state": {"a": Infinity}}'),
        ("apps", b'{"type": "t", "state": {"a": 01}}'),
        ("apps", b'{"type": "t", "state": {"a": "\xff"}}'),
        ("apps", b'{"type": "t", "state": {"a": 1}'),
        ("apps", b'{"type": "t", "state": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"),
        ("reports", b"{}"),
        ("reports", b'{"code": "x"}'),
        ("reports", b'{"name": "n", "code": 1}'),
        ("reports", b'{"name": "' + b"x" * 1_025 + b'"}'),
        ("reports", b'{"name": "n", "description": "' + b"x" * (256 * 1024 + 1) + b'"}'),
    ],
)
@pytest.mark.parametrize("prefix", PREFIXES)
async def test_bad_bodies_are_422_and_write_nothing(service: Service, prefix: str, path: str, content: bytes) -> None:
    answer = await service.client.post(f"{prefix}/{path}", content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")
    assert answer.json()["message"] == answer.json()["detail"] != ""
    assert service.recorded() == []
    assert service.blobs.stored == {}


@pytest.mark.parametrize(
    ("path", "body"),
    [("dashboards", {"name": 1}), ("apps", {"state": []}), ("apps", {"type": {}}), ("reports", {"code": {}})],
)
async def test_bad_changes_are_422_and_change_nothing(service: Service, path: str, body: dict[str, Any]) -> None:
    before = await made(service, path)
    answer = await service.client.put(f"/api/{path}/{before['id']}", json=body)
    assert answer.status_code == 422
    assert len(service.recorded()) == 1
