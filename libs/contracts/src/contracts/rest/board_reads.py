"""Answers about dashboards, apps and reports: rows 67, 72, 77. Times are ISO 8601 texts, UTC."""

from typing import Any

import msgspec


class DashboardItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    description: str | None
    app_id: str | None
    app_type: str | None
    updated_at: str
    created_at: str


class AppItem(msgspec.Struct, frozen=True, kw_only=True):
    """state: as it was saved, key order and kinds of numbers included."""

    id: str
    type: str
    state: dict[str, Any]
    updated_at: str
    created_at: str


class ReportItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    code: str | None
    description: str | None
    updated_at: str
    created_at: str
