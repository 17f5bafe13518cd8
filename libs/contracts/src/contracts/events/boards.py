"""What users save of the UIs' pages: the state of an explorer (an app), a bookmark of it (a dashboard), reports."""

from typing import Any

from contracts.events.base import CatalogEvent


class DashboardSaved(CatalogEvent, frozen=True, kw_only=True):
    """new: makes the dashboard, and then there is a name; otherwise it changes one, and what is None stays as it is.

    at: seconds UTC.
    """

    dashboard_id: str
    new: bool = False
    name: str | None = None
    description: str | None = None
    app_id: str | None = None
    at: float


class DashboardArchived(CatalogEvent, frozen=True, kw_only=True):
    """Nobody sees the dashboard any more, and nothing brings it back. Its app stays."""

    dashboard_id: str


class AppSaved(CatalogEvent, frozen=True, kw_only=True):
    """new: makes the app, and then there are kind and state; otherwise it changes one, and what is None stays.

    state: the text of a JSON object, byte for byte as it came, or a StoredValue of the text. at: seconds UTC.
    """

    app_id: str
    new: bool = False
    kind: str | None = None
    state: Any = None
    at: float


class AppDeleted(CatalogEvent, frozen=True, kw_only=True):
    """The dashboards that show the app are archived with it."""

    app_id: str


class ReportSaved(CatalogEvent, frozen=True, kw_only=True):
    """new: makes the report, and then there is a name; otherwise it changes one, and what is None stays as it is.

    code: text, or a StoredValue of it. at: seconds UTC.
    """

    report_id: str
    new: bool = False
    name: str | None = None
    code: Any = None
    description: str | None = None
    at: float


class ReportDeleted(CatalogEvent, frozen=True, kw_only=True):
    report_id: str
