"""Bodies of rows 68, 70, 73, 75, 78 and 80: dashboards, apps and reports. Unknown fields are ignored."""

from typing import Annotated

import msgspec

from contracts.rest.bounds import Name, Text

_OR_NULL = msgspec.Meta(extra_json_schema={"type": ["object", "null"]})


def _null() -> msgspec.Raw:
    return msgspec.Raw(b"null")


class NewDashboard(msgspec.Struct, frozen=True):
    """app_id: of the app that the dashboard shows."""

    name: Name
    description: Text | None = None
    app_id: Name | None = None


class DashboardChange(msgspec.Struct, frozen=True):
    """Null leaves a property as it is."""

    name: Name | None = None
    description: Text | None = None


class NewApp(msgspec.Struct, frozen=True):
    """type: free text, such as `metrics` or `board`. state: the text of any object, kept as it is."""

    type: Name
    state: msgspec.Raw


class AppChange(msgspec.Struct, frozen=True):
    """Null leaves a property as it is. state: the text of an object, which replaces the whole one."""

    type: Name | None = None
    state: Annotated[msgspec.Raw, _OR_NULL] = msgspec.field(default_factory=_null)


class NewReport(msgspec.Struct, frozen=True):
    name: Name
    code: str | None = None
    description: Text | None = None


class ReportChange(msgspec.Struct, frozen=True):
    """Null leaves a property as it is."""

    name: Name | None = None
    code: str | None = None
    description: Text | None = None
