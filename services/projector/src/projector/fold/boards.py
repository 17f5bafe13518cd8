"""The fold of what users save of the UIs' pages: which dashboards, apps and reports there are.

States of apps and codes of reports decide nothing and are in no state: `projections/board_contents.py` makes documents
of them.
"""

from typing import Any

from msgspec.structs import replace

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
from projector.fold.catalog_rules import Rule, Step, without
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import DUPLICATE, Ignored

APP_NOT_FOUND = "App not found"

_NO_DASHBOARD = Ignored("dashboard not found", "not_found")
_NO_APP = Ignored("app not found", "not_found")
_NO_REPORT = Ignored("report not found", "not_found")


def _known(entity_id: str) -> Ignored:
    return Ignored(DUPLICATE, "conflict", entity_id)


def _save_dashboard(state: CatalogState, event: DashboardSaved, version: int) -> Step:
    before = state.dashboards.get(event.dashboard_id)
    refusal = _refused_dashboard(state, event, before)
    if refusal is not None:
        return state, refusal
    if before is None:
        after = Dashboard(
            id=event.dashboard_id,
            version=version,
            name=_given(event.name, "a dashboard needs a name"),
            description=event.description,
            app_id=event.app_id,
            created_at=event.at,
            updated_at=event.at,
        )
    else:
        after = replace(
            before, version=version, updated_at=event.at, **_changes(event, "name", "description", "app_id")
        )
    return _with_dashboards(state, after), None


def _refused_dashboard(state: CatalogState, event: DashboardSaved, before: Dashboard | None) -> Ignored | None:
    if event.new and before is not None:
        return _known(event.dashboard_id)
    if not event.new and (before is None or before.archived):
        return _NO_DASHBOARD
    if event.app_id is not None and event.app_id not in state.apps:
        return Ignored(APP_NOT_FOUND, "bad_request")
    return None


def _archive_dashboard(state: CatalogState, event: DashboardArchived, version: int) -> Step:
    before = state.dashboards.get(event.dashboard_id)
    if before is None or before.archived:
        return state, _NO_DASHBOARD
    return _with_dashboards(state, replace(before, version=version, archived=True)), None


def _save_app(state: CatalogState, event: AppSaved, version: int) -> Step:
    if event.new:
        if event.app_id in state.apps:
            return state, _known(event.app_id)
        if event.state is None:
            raise InvalidEvent("an app needs a state")
        kind = _given(event.kind, "an app needs a kind")
        after = App(id=event.app_id, version=version, kind=kind, created_at=event.at, updated_at=event.at)
    else:
        before = state.apps.get(event.app_id)
        if before is None:
            return state, _NO_APP
        after = replace(before, version=version, updated_at=event.at, **_changes(event, "kind"))
    return replace(state, apps={**state.apps, after.id: after}), None


def _delete_app(state: CatalogState, event: AppDeleted, version: int) -> Step:
    """A dashboard must never outlive its app: both UIs' pages of bookmarks fail as a whole over one that does."""
    if event.app_id not in state.apps:
        return state, _NO_APP
    orphans = [
        replace(dashboard, version=version, archived=True)
        for dashboard in state.dashboards.values()
        if dashboard.app_id == event.app_id and not dashboard.archived
    ]
    return _with_dashboards(replace(state, apps=without(state.apps, event.app_id)), *orphans), None


def _save_report(state: CatalogState, event: ReportSaved, version: int) -> Step:
    if event.new:
        if event.report_id in state.reports:
            return state, _known(event.report_id)
        after = Report(
            id=event.report_id,
            version=version,
            name=_given(event.name, "a report needs a name"),
            description=event.description,
            created_at=event.at,
            updated_at=event.at,
        )
    else:
        before = state.reports.get(event.report_id)
        if before is None:
            return state, _NO_REPORT
        after = replace(before, version=version, updated_at=event.at, **_changes(event, "name", "description"))
    return replace(state, reports={**state.reports, after.id: after}), None


def _delete_report(state: CatalogState, event: ReportDeleted, version: int) -> Step:
    if event.report_id not in state.reports:
        return state, _NO_REPORT
    return replace(state, reports=without(state.reports, event.report_id)), None


def _given(text: str | None, otherwise: str) -> str:
    if text is None:
        raise InvalidEvent(otherwise)
    return text


def _changes(event: Event, *names: str) -> dict[str, Any]:
    """The fields of these names that the event does not leave as they are."""
    return {name: value for name in names if (value := getattr(event, name)) is not None}


def _with_dashboards(state: CatalogState, *dashboards: Dashboard) -> CatalogState:
    return replace(state, dashboards={**state.dashboards, **{one.id: one for one in dashboards}})


RULES: dict[type[Event], Rule] = {
    DashboardSaved: _save_dashboard,
    DashboardArchived: _archive_dashboard,
    AppSaved: _save_app,
    AppDeleted: _delete_app,
    ReportSaved: _save_report,
    ReportDeleted: _delete_report,
}
