"""Commands on dashboards, apps and reports."""

from typing import Any

import pytest
from tests.unit.command_api.support import CALLER, NOW, Desk, Verdict, entry

from command_api.application.apps import ChangeApp, change_app, create_app, delete_app, object_text
from command_api.application.dashboards import (
    ChangeDashboard,
    CreateDashboard,
    archive_dashboard,
    change_dashboard,
    create_dashboard,
)
from command_api.application.reports import ChangeReport, CreateReport, change_report, create_report, delete_report
from contracts.errors import BadRequest, NotFound, ValidationFailed
from contracts.events import (
    AppDeleted,
    AppSaved,
    DashboardArchived,
    DashboardSaved,
    ReportDeleted,
    ReportSaved,
)
from contracts.keys import shared_blob_key
from contracts.read_models import App, Dashboard, Report
from contracts.trees import MAX_INLINE_BYTES, set_aside
from stores.boards import ShownApp, ShownDashboard, ShownReport
from stores.errors import StoreUnavailable

MADE: dict[str, Any] = {"version": 1, "created_at": NOW - 9, "updated_at": NOW - 9}
APP = ShownApp(App(id="p", kind="metrics", **MADE), '{"a": 1}')
DASHBOARD = ShownDashboard(Dashboard(id="d", name="n", description=None, app_id="p", **MADE), "metrics")
REPORT = ShownReport(Report(id="r", name="n", description="x", **MADE), "# hi")
LARGE_TEXT = "x" * (MAX_INLINE_BYTES + 1)
LARGE_STATE = '{"text":"' + LARGE_TEXT + '"}'
GONE: Verdict = lambda r: entry(r, "ignored", "not found", "not_found")  # noqa: E731 - a value of a type
NO_APP: Verdict = lambda r: entry(r, "ignored", "App not found", "bad_request")  # noqa: E731 - a value of a type


def furnished() -> Desk:
    desk = Desk()
    desk.views.apps["p"] = APP
    desk.views.dashboards["d"] = DASHBOARD
    desk.views.reports["r"] = REPORT
    return desk


async def test_a_dashboard_is_made_of_an_app_that_is_there() -> None:
    desk = furnished()
    saved = await create_dashboard(desk.tools, CALLER, CreateDashboard(" n ", "why", "p"))
    made = Dashboard(id="id-1", version=0, name=" n ", description="why", app_id="p", created_at=NOW, updated_at=NOW)
    assert saved.shown == ShownDashboard(made, "metrics")
    assert desk.events == [
        DashboardSaved(dashboard_id="id-1", new=True, name=" n ", description="why", app_id="p", at=NOW)
    ]


async def test_a_dashboard_may_show_no_app() -> None:
    desk = Desk()
    saved = await create_dashboard(desk.tools, CALLER, CreateDashboard("n"))
    assert (saved.shown.entry.app_id, saved.shown.app_kind) == (None, None)


@pytest.mark.parametrize("app_id", ["unknown", ""])
async def test_a_dashboard_of_no_app_is_refused_and_nothing_is_written(app_id: str) -> None:
    desk = furnished()
    with pytest.raises(BadRequest, match=r"^App not found$"):
        await create_dashboard(desk.tools, CALLER, CreateDashboard("n", app_id=app_id))
    assert desk.events == []


async def test_an_app_that_went_just_before_is_refused_in_the_same_words() -> None:
    desk = furnished()
    desk.outcomes.verdicts[DashboardSaved] = NO_APP
    with pytest.raises(BadRequest, match=r"^App not found$"):
        await create_dashboard(desk.tools, CALLER, CreateDashboard("n", app_id="p"))


@pytest.mark.parametrize(
    ("command", "name", "description"),
    [
        (ChangeDashboard(), "n", None),
        (ChangeDashboard(name="m"), "m", None),
        (ChangeDashboard(name="", description=""), "", ""),
    ],
)
async def test_a_change_of_a_dashboard_is_shown_with_its_time(
    command: ChangeDashboard, name: str, description: str | None
) -> None:
    desk = furnished()
    shown = (await change_dashboard(desk.tools, CALLER, "d", command)).shown
    assert (shown.entry.name, shown.entry.description, shown.app_kind) == (name, description, "metrics")
    assert (shown.entry.created_at, shown.entry.updated_at) == (NOW - 9, NOW)
    assert desk.events == [DashboardSaved(dashboard_id="d", name=command.name, description=command.description, at=NOW)]


async def test_an_app_is_made_with_its_state_as_it_came() -> None:
    desk = Desk()
    state = '{"z": 1.0,\n"a": 12345678901234567890123}'
    shown = (await create_app(desk.tools, CALLER, "board", state)).shown
    assert shown == ShownApp(App(id="id-1", version=0, kind="board", created_at=NOW, updated_at=NOW), state)
    assert desk.events == [AppSaved(app_id="id-1", new=True, kind="board", state=state, at=NOW)]


async def test_a_large_state_is_stored_as_a_blob_before_the_event() -> None:
    desk = furnished()
    claim, data = set_aside(LARGE_STATE)
    created = await create_app(desk.tools, CALLER, "board", LARGE_STATE)
    changed = await change_app(desk.tools, CALLER, "p", ChangeApp(state=LARGE_STATE))
    assert (created.shown.state, changed.shown.state) == (LARGE_STATE, LARGE_STATE)
    assert desk.events == [
        AppSaved(app_id="id-1", new=True, kind="board", state=claim, at=NOW),
        AppSaved(app_id="p", state=claim, at=NOW),
    ]
    assert desk.blobs.stored == {shared_blob_key(claim.hash): data}


async def test_without_the_blob_store_a_large_state_is_no_event() -> None:
    desk = furnished()
    desk.faults.fail_next(StoreUnavailable, times=2)
    with pytest.raises(StoreUnavailable):
        await create_app(desk.tools, CALLER, "board", LARGE_STATE)
    with pytest.raises(StoreUnavailable):
        await create_report(desk.tools, CALLER, CreateReport("n", LARGE_TEXT))
    assert desk.events == []


@pytest.mark.parametrize(
    ("command", "kind", "state"),
    [
        (ChangeApp(), "metrics", '{"a": 1}'),
        (ChangeApp(kind="board"), "board", '{"a": 1}'),
        (ChangeApp(state="{}"), "metrics", "{}"),
    ],
)
async def test_a_change_of_an_app_is_shown_with_its_time(command: ChangeApp, kind: str, state: str) -> None:
    desk = furnished()
    shown = (await change_app(desk.tools, CALLER, "p", command)).shown
    assert (shown.entry.kind, shown.state) == (kind, state)
    assert (shown.entry.created_at, shown.entry.updated_at) == (NOW - 9, NOW)
    assert desk.events == [AppSaved(app_id="p", kind=command.kind, state=command.state, at=NOW)]


@pytest.mark.parametrize("json", [b"[]", b'"{}"', b"null", b"1", b"true", b'{"\xff": 1}'])
def test_a_state_is_an_object_of_readable_text(json: bytes) -> None:
    with pytest.raises(ValidationFailed, match=r"^state: "):
        object_text(json)


async def test_a_report_is_made() -> None:
    desk = Desk()
    shown = (await create_report(desk.tools, CALLER, CreateReport("n", "# hi \udc00"))).shown
    assert shown == ShownReport(
        Report(id="id-1", version=0, name="n", description=None, created_at=NOW, updated_at=NOW), "# hi \ufffd"
    )
    assert desk.events == [ReportSaved(report_id="id-1", new=True, name="n", code="# hi \ufffd", at=NOW)]


async def test_a_large_code_is_stored_as_a_blob_before_the_event() -> None:
    desk = furnished()
    claim, data = set_aside(LARGE_TEXT)
    shown = (await change_report(desk.tools, CALLER, "r", ChangeReport(code=LARGE_TEXT))).shown
    assert shown.code == LARGE_TEXT
    assert desk.events == [ReportSaved(report_id="r", code=claim, at=NOW)]
    assert desk.blobs.stored == {shared_blob_key(claim.hash): data}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (ChangeReport(), ("n", "# hi", "x")),
        (ChangeReport(name="m"), ("m", "# hi", "x")),
        (ChangeReport(code="", description=""), ("n", "", "")),
    ],
)
async def test_a_change_of_a_report_is_shown_with_its_time(
    command: ChangeReport, expected: tuple[str, str, str]
) -> None:
    desk = furnished()
    shown = (await change_report(desk.tools, CALLER, "r", command)).shown
    assert (shown.entry.name, shown.code, shown.entry.description) == expected
    assert (shown.entry.created_at, shown.entry.updated_at) == (NOW - 9, NOW)


async def test_ends_are_events() -> None:
    desk = furnished()
    await archive_dashboard(desk.tools, CALLER, "d")
    await delete_app(desk.tools, CALLER, "p")
    await delete_report(desk.tools, CALLER, "r")
    assert desk.events == [DashboardArchived(dashboard_id="d"), AppDeleted(app_id="p"), ReportDeleted(report_id="r")]


async def test_what_is_not_there_is_not_found_and_nothing_is_written() -> None:
    desk = Desk()
    for call in (
        change_dashboard(desk.tools, CALLER, "d", ChangeDashboard("m")),
        archive_dashboard(desk.tools, CALLER, "d"),
        change_app(desk.tools, CALLER, "p", ChangeApp("m")),
        change_app(desk.tools, CALLER, "p", ChangeApp(state=LARGE_STATE)),
        delete_app(desk.tools, CALLER, "p"),
        change_report(desk.tools, CALLER, "r", ChangeReport("m")),
        delete_report(desk.tools, CALLER, "r"),
    ):
        with pytest.raises(NotFound, match=r"^Not Found$"):
            await call
    assert desk.events == []
    assert desk.blobs.stored == {}


async def test_what_went_just_before_is_not_found() -> None:
    desk = furnished()
    desk.outcomes.verdicts = dict.fromkeys(
        (DashboardSaved, DashboardArchived, AppSaved, AppDeleted, ReportSaved, ReportDeleted), GONE
    )
    for call in (
        change_dashboard(desk.tools, CALLER, "d", ChangeDashboard("m")),
        archive_dashboard(desk.tools, CALLER, "d"),
        change_app(desk.tools, CALLER, "p", ChangeApp("m")),
        delete_app(desk.tools, CALLER, "p"),
        change_report(desk.tools, CALLER, "r", ChangeReport("m")),
        delete_report(desk.tools, CALLER, "r"),
    ):
        with pytest.raises(NotFound, match=r"^Not Found$"):
            await call
