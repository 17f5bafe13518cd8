"""Rows 67 to 81: dashboards, apps and reports."""

import re
from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, of, refused

from contracts.routes import AIM_PREFIX

pytestmark = pytest.mark.asyncio(loop_scope="session")

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z")
BODIES: dict[str, dict[str, Any]] = {
    "dashboards": {"name": "first"},
    "apps": {"type": "metrics", "state": {"a": 1}},
    "reports": {"name": "first", "code": "# Text", "description": "why"},
}


def of_rows(**rows: int) -> list[Any]:
    return [pytest.param(kind, marks=pytest.mark.row(row)) for kind, row in rows.items()]


async def _made(rest: Rest, kind: str, **more: Any) -> dict[str, Any]:
    answer = await rest.post(f"/{kind}", BODIES[kind] | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _order(rest: Rest, kind: str, *ids: str) -> list[str]:
    """Of these among all."""
    return [one["id"] for one in await rest.read(f"/{kind}") if one["id"] in ids]


@pytest.mark.parametrize("kind", of_rows(dashboards=68, apps=73, reports=78))
async def test_what_was_made_is_answered_whole(rest: Rest, kind: str) -> None:
    made = await _made(rest, kind)
    assert {**made, **BODIES[kind]} == made
    assert ISO.fullmatch(made["created_at"])
    assert made["updated_at"] == made["created_at"]
    assert await rest.read(f"/{kind}/{made['id']}") == made
    assert of(await rest.read(f"/{kind}"), id=made["id"]) == made


@pytest.mark.parametrize("kind", of_rows(dashboards=67, reports=77))
async def test_lists_show_what_changed_last_at_the_end(rest: Rest, kind: str) -> None:
    first, second = [(await _made(rest, kind))["id"] for _ in range(2)]
    assert await _order(rest, kind, first, second) == [first, second]
    await rest.put(f"/{kind}/{first}", {})
    assert await _order(rest, kind, first, second) == [second, first]


@pytest.mark.row(72)
async def test_apps_are_listed_in_creation_order(rest: Rest) -> None:
    first, second = [(await _made(rest, "apps"))["id"] for _ in range(2)]
    await rest.put(f"/apps/{first}", {"type": "runs"})
    assert await _order(rest, "apps", first, second) == [first, second]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("dashboards {}", marks=pytest.mark.row(68)),
        pytest.param('dashboards {"name": null}', marks=pytest.mark.row(68)),
        pytest.param('dashboards {"name": "x", "app_id": 1}', marks=pytest.mark.row(68)),
        pytest.param('apps {"type": "x"}', marks=pytest.mark.row(73)),
        pytest.param('apps {"state": {}}', marks=pytest.mark.row(73)),
        pytest.param('apps {"type": "x", "state": []}', marks=pytest.mark.row(73)),
        pytest.param('apps {"type": "x", "state": null}', marks=pytest.mark.row(73)),
        pytest.param("reports {}", marks=pytest.mark.row(78)),
        pytest.param('reports {"name": 1}', marks=pytest.mark.row(78)),
        pytest.param('reports {"name": "x", "code": {}}', marks=pytest.mark.row(78)),
    ],
)
async def test_bodies_of_other_types_are_refused(rest: Rest, body: str) -> None:
    kind, _, text = body.partition(" ")
    invalid(await rest.post(f"/{kind}", text.encode()))


@pytest.mark.row(68)
async def test_a_dashboard_names_its_app(rest: Rest) -> None:
    app = await _made(rest, "apps", type="scatters")
    made = await _made(rest, "dashboards", app_id=app["id"], description="why")
    assert (made["app_id"], made["app_type"], made["description"]) == (app["id"], "scatters", "why")
    alone = await _made(rest, "dashboards")
    assert (alone["app_id"], alone["app_type"], alone["name"]) == (None, None, made["name"])
    refused(await rest.post("/dashboards", {"name": "x", "app_id": "none"}), 400, "App not found")


@pytest.mark.row(70)
async def test_a_dashboard_is_changed(rest: Rest) -> None:
    made = await _made(rest, "dashboards", description="why")
    changed = (await rest.put(f"/dashboards/{made['id']}", {"name": "new", "description": None})).json()
    assert changed == made | {"name": "new", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > made["updated_at"]
    assert await rest.read(f"/dashboards/{made['id']}") == changed


@pytest.mark.row(73)
@pytest.mark.row(74)
async def test_a_state_is_kept_to_the_letter(rest: Rest) -> None:
    text = '{"z":1,"a":{"b":[1.0,1,null,true],"":"é"},"big":12345678901234567890,"x":"' + "y" * (1 << 20) + '"}'
    answer = await rest.post("/apps", b'{"type": "board", "state": ' + text.encode() + b"}")
    assert answer.status_code == 201
    assert text in answer.text
    assert text in (await rest.get(f"/apps/{answer.json()['id']}")).text


@pytest.mark.row(75)
async def test_a_state_is_replaced_as_a_whole(rest: Rest) -> None:
    made = await _made(rest, "apps", state={"a": 1, "b": 2})
    path = f"/apps/{made['id']}"
    changed = (await rest.put(path, {"state": {"b": 3}, "id": "x"})).json()
    assert (changed["id"], changed["type"], changed["state"]) == (made["id"], "metrics", {"b": 3})
    assert (await rest.put(path, {"type": "runs", "state": None})).json()["state"] == {"b": 3}
    assert await rest.read(path) == (await rest.read(path)) | {"type": "runs", "state": {"b": 3}}


@pytest.mark.row(80)
async def test_a_report_is_changed_also_by_the_whole_of_it(rest: Rest) -> None:
    made = await _made(rest, "reports")
    path = f"/reports/{made['id']}"
    changed = (await rest.put(path, made | {"code": ""})).json()
    assert (changed["name"], changed["code"], changed["description"]) == ("first", "", "why")
    assert changed["created_at"] == made["created_at"]
    assert changed["updated_at"] > made["updated_at"]
    await rest.put(path, {"name": "new", "code": None})
    assert await rest.read(path) == (await rest.read(path)) | {"name": "new", "code": ""}


@pytest.mark.row(78)
async def test_the_code_of_a_report_may_be_long(rest: Rest) -> None:
    code = "x" * (1 << 20)
    made = await _made(rest, "reports", code=code)
    assert (await rest.read(f"/reports/{made['id']}"))["code"] == code


@pytest.mark.parametrize("kind", of_rows(dashboards=71, apps=76, reports=81))
async def test_what_was_deleted_is_gone_and_answered_as_the_ui_expects(rest: Rest, kind: str) -> None:
    made = await _made(rest, kind)
    path = f"/{kind}/{made['id']}"
    answer = await rest.delete(path)
    wanted = (200, b"null") if rest.prefix == AIM_PREFIX else (204, b"")
    assert (answer.status_code, answer.content) == wanted
    assert await _order(rest, kind, made["id"]) == []
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        refused(await rest.ask(method, path, body), 404, "Not Found")


@pytest.mark.row(71)
@pytest.mark.row(76)
async def test_a_dashboard_goes_with_its_app_and_not_the_other_way(rest: Rest) -> None:
    app = (await _made(rest, "apps"))["id"]
    first, second = [(await _made(rest, "dashboards", app_id=app))["id"] for _ in range(2)]
    await rest.delete(f"/dashboards/{first}")
    assert await _order(rest, "apps", app) == [app]
    await rest.delete(f"/apps/{app}")
    assert await _order(rest, "dashboards", first, second) == []
    refused(await rest.get(f"/dashboards/{second}"), 404, "Not Found")


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        pytest.param(method, kind, marks=pytest.mark.row(row))
        for row, method, kind in (
            (69, "GET", "dashboards"),
            (70, "PUT", "dashboards"),
            (71, "DELETE", "dashboards"),
            (74, "GET", "apps"),
            (75, "PUT", "apps"),
            (76, "DELETE", "apps"),
            (79, "GET", "reports"),
            (80, "PUT", "reports"),
            (81, "DELETE", "reports"),
        )
    ],
)
async def test_an_unknown_id_is_not_found(rest: Rest, method: str, kind: str) -> None:
    for one in ("none", "0b8ff0c6-3b1c-4b0a-9d5e-6a1f1f6f2c11", fresh("x")):
        refused(await rest.ask(method, f"/{kind}/{one}", {} if method == "PUT" else None), 404, "Not Found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("dashboards", b'{"name": 1}', marks=pytest.mark.row(70)),
        pytest.param("apps", b'{"state": []}', marks=pytest.mark.row(75)),
        pytest.param("apps", b'{"type": 1}', marks=pytest.mark.row(75)),
        pytest.param("reports", b'{"code": 1}', marks=pytest.mark.row(80)),
        pytest.param("reports", b"{", marks=pytest.mark.row(80)),
    ],
)
async def test_changes_of_other_types_are_refused(rest: Rest, path: str, body: bytes) -> None:
    made = await _made(rest, path)
    invalid(await rest.put(f"/{path}/{made['id']}", body))
    assert await rest.read(f"/{path}/{made['id']}") == made


@pytest.mark.parametrize("kind", of_rows(dashboards=69, apps=74, reports=79))
async def test_one_is_read_as_it_stands_in_the_list(rest: Rest, kind: str) -> None:
    made = await _made(rest, kind)
    assert await rest.read(f"/{kind}/{made['id']}") == of(await rest.read(f"/{kind}"), id=made["id"])
