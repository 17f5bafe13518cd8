"""Answers about dashboards, apps and reports: rows 67 to 81. Times are ISO 8601 texts, UTC."""

import msgspec

from contracts.read_models import App, Dashboard, Report
from contracts.rest.times import iso_utc


class DashboardItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    description: str | None
    app_id: str | None
    app_type: str | None
    updated_at: str
    created_at: str


class AppItem(msgspec.Struct, frozen=True, kw_only=True):
    """state: the text of an object, byte for byte as it was saved."""

    id: str
    type: str
    state: msgspec.Raw
    updated_at: str
    created_at: str


class ReportItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    code: str | None
    description: str | None
    updated_at: str
    created_at: str


def dashboard_item(entry: Dashboard, app_kind: str | None) -> DashboardItem:
    return DashboardItem(
        id=entry.id,
        name=entry.name,
        description=entry.description,
        app_id=entry.app_id,
        app_type=app_kind,
        updated_at=iso_utc(entry.updated_at),
        created_at=iso_utc(entry.created_at),
    )


def app_item(entry: App, state: str) -> AppItem:
    return AppItem(
        id=entry.id,
        type=entry.kind,
        state=msgspec.Raw(state.encode()),
        updated_at=iso_utc(entry.updated_at),
        created_at=iso_utc(entry.created_at),
    )


def report_item(entry: Report, code: str | None) -> ReportItem:
    return ReportItem(
        id=entry.id,
        name=entry.name,
        code=code,
        description=entry.description,
        updated_at=iso_utc(entry.updated_at),
        created_at=iso_utc(entry.created_at),
    )
