"""Dashboards, apps and reports in the order of the log."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.projector.fold.builders import T0, at, fold_catalog_all, recorded

from contracts import topics
from contracts.errors import InvalidEvent
from contracts.events import (
    AppDeleted,
    AppSaved,
    DashboardArchived,
    DashboardSaved,
    Event,
    ReportDeleted,
    ReportSaved,
)
from contracts.read_models import App, Dashboard, Report
from projector.fold.catalog import fold_catalog
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Applied, Ignored

NO_APP = Ignored("app not found", "not_found")
NO_DASHBOARD = Ignored("dashboard not found", "not_found")
NO_REPORT = Ignored("report not found", "not_found")


def app(app_id: str = "p", kind: str = "metrics") -> AppSaved:
    return AppSaved(app_id=app_id, new=True, kind=kind, state="{}", at=T0)


def dashboard(dashboard_id: str = "d", app_id: str | None = None) -> DashboardSaved:
    return DashboardSaved(dashboard_id=dashboard_id, new=True, name="n", description="x", app_id=app_id, at=T0)


def report(report_id: str = "r") -> ReportSaved:
    return ReportSaved(report_id=report_id, new=True, name="n", code="# hi", description="x", at=T0)


def version(offset: int) -> int:
    return at(offset, topics.CATALOG).version


def test_what_was_saved_is_there() -> None:
    state, _ = fold_catalog_all([app(), dashboard(app_id="p"), report()])
    times: dict[str, Any] = {"created_at": T0, "updated_at": T0}
    assert state.apps == {"p": App(id="p", version=version(0), kind="metrics", **times)}
    assert state.dashboards == {
        "d": Dashboard(id="d", version=version(1), name="n", description="x", app_id="p", **times)
    }
    assert state.reports == {"r": Report(id="r", version=version(2), name="n", description="x", **times)}


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (DashboardSaved(dashboard_id="d", name="m", at=T0 + 5), {"name": "m"}),
        (DashboardSaved(dashboard_id="d", description="", at=T0 + 5), {"description": ""}),
        (DashboardSaved(dashboard_id="d", app_id="q", at=T0 + 5), {"app_id": "q"}),
        (DashboardSaved(dashboard_id="d", at=T0 + 5), {}),
    ],
)
def test_a_change_of_a_dashboard_leaves_what_it_does_not_name(event: Event, changed: dict[str, Any]) -> None:
    before, _ = fold_catalog_all([app(), app("q"), dashboard(app_id="p")])
    state, _ = fold_catalog(before, recorded(event), at(9, topics.CATALOG))
    assert state.dashboards["d"] == replace(before.dashboards["d"], version=version(9), updated_at=T0 + 5, **changed)


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (ReportSaved(report_id="r", name="m", at=T0 + 5), {"name": "m"}),
        (ReportSaved(report_id="r", code="# other", description="", at=T0 + 5), {"description": ""}),
        (ReportSaved(report_id="r", at=T0 + 5), {}),
    ],
)
def test_a_change_of_a_report_leaves_what_it_does_not_name(event: Event, changed: dict[str, Any]) -> None:
    before, _ = fold_catalog_all([report()])
    state, _ = fold_catalog(before, recorded(event), at(9, topics.CATALOG))
    assert state.reports["r"] == replace(before.reports["r"], version=version(9), updated_at=T0 + 5, **changed)


@pytest.mark.parametrize(("kind", "after"), [(None, "metrics"), ("board", "board")])
def test_a_change_of_an_app_leaves_what_it_does_not_name(kind: str | None, after: str) -> None:
    state, _ = fold_catalog_all([app(), AppSaved(app_id="p", kind=kind, state='{"a": 1}', at=T0 + 5)])
    assert state.apps["p"] == App(id="p", version=version(1), kind=after, created_at=T0, updated_at=T0 + 5)


@pytest.mark.parametrize(("first", "entity_id"), [(app(), "p"), (dashboard(), "d"), (report(), "r")])
def test_making_something_twice_is_a_duplicate(first: Event, entity_id: str) -> None:
    _, outcomes = fold_catalog_all([first, first])
    assert isinstance(outcomes[0], Applied)
    assert outcomes[1] == Ignored("duplicate", "conflict", entity_id)


def test_an_archived_dashboard_is_not_made_again() -> None:
    before, _ = fold_catalog_all([dashboard(), DashboardArchived(dashboard_id="d")])
    state, outcomes = fold_catalog_all([dashboard()], before)
    assert state is before
    assert outcomes == [Ignored("duplicate", "conflict", "d")]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (AppSaved(app_id="p", state="{}", at=T0), NO_APP),
        (AppDeleted(app_id="p"), NO_APP),
        (DashboardSaved(dashboard_id="d", name="m", at=T0), NO_DASHBOARD),
        (DashboardArchived(dashboard_id="d"), NO_DASHBOARD),
        (ReportSaved(report_id="r", name="m", at=T0), NO_REPORT),
        (ReportDeleted(report_id="r"), NO_REPORT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_change_of_what_is_not_there_or_gone_is_not_found(event: Event, expected: Ignored) -> None:
    ends: list[Event] = [AppDeleted(app_id="p"), DashboardArchived(dashboard_id="d"), ReportDeleted(report_id="r")]
    gone, _ = fold_catalog_all([app(), dashboard(), report(), *ends])
    for before in (CatalogState(), gone):
        state, outcomes = fold_catalog_all([event], before)
        assert outcomes == [expected]
        assert state is before


def test_a_dashboard_of_an_app_that_is_not_there_is_refused() -> None:
    refused = Ignored("App not found", "bad_request")
    state, outcomes = fold_catalog_all(
        [dashboard(app_id="p"), app(), AppDeleted(app_id="p"), dashboard(app_id="p"), dashboard("e")]
    )
    assert (outcomes[0], outcomes[3]) == (refused, refused)
    assert list(state.dashboards) == ["e"]


def test_deleting_an_app_archives_the_dashboards_that_show_it_and_no_other() -> None:
    before, _ = fold_catalog_all([app(), app("q"), dashboard("a", "p"), dashboard("b", "q"), dashboard("c")])
    state, _ = fold_catalog(before, recorded(AppDeleted(app_id="p")), at(9, topics.CATALOG))
    assert state.dashboards["a"] == replace(before.dashboards["a"], version=version(9), archived=True)
    assert (state.dashboards["b"], state.dashboards["c"]) == (before.dashboards["b"], before.dashboards["c"])
    assert list(state.apps) == ["q"]


def test_a_dashboard_that_was_archived_before_its_app_went_keeps_its_version() -> None:
    before, _ = fold_catalog_all([app(), dashboard(app_id="p"), DashboardArchived(dashboard_id="d")])
    state, _ = fold_catalog(before, recorded(AppDeleted(app_id="p")), at(9, topics.CATALOG))
    assert state.dashboards["d"] is before.dashboards["d"]


def test_a_deleted_report_is_gone() -> None:
    state, _ = fold_catalog_all([report("a"), report("b"), ReportDeleted(report_id="a")])
    assert list(state.reports) == ["b"]


@pytest.mark.parametrize(
    "event",
    [
        DashboardSaved(dashboard_id="d", new=True, at=T0),
        AppSaved(app_id="p", new=True, state="{}", at=T0),
        AppSaved(app_id="p", new=True, kind="metrics", at=T0),
        ReportSaved(report_id="r", new=True, code="# hi", at=T0),
    ],
)
def test_a_beginning_without_what_it_needs_is_invalid(event: Event) -> None:
    with pytest.raises(InvalidEvent):
        fold_catalog_all([event])


def test_the_old_state_stays_valid_and_a_state_built_from_documents_is_the_same() -> None:
    before, _ = fold_catalog_all([app(), dashboard(app_id="p"), report()])
    copy = CatalogState.from_documents(
        dashboards=before.dashboards.values(), apps=before.apps.values(), reports=before.reports.values()
    )
    assert before == copy
    fold_catalog_all([AppDeleted(app_id="p"), ReportDeleted(report_id="r"), dashboard("e")], before)
    assert before == copy
