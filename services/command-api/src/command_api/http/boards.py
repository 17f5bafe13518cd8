"""Commands on what users save of the UIs' pages: rows 68, 70, 71, 73, 75, 76, 78, 80 and 81."""

from litestar import Response, delete, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from command_api.application import apps, dashboards, reports
from command_api.application.apps import ChangeApp, object_text
from command_api.application.dashboards import ChangeDashboard, CreateDashboard
from command_api.application.reports import ChangeReport, CreateReport
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of, removed
from contracts.rest.board_commands import AppChange, DashboardChange, NewApp, NewDashboard, NewReport, ReportChange
from contracts.rest.board_reads import AppItem, DashboardItem, ReportItem, app_item, dashboard_item, report_item

_NULL = b"null"


@post("/dashboards", status_code=201, operation_id="CreateDashboard", tags=["boards"])
async def create_dashboard(
    data: JSONBody[NewDashboard], request: AnyRequest, commands: FromApp
) -> Response[DashboardItem]:
    """Save a bookmark of an app."""
    command = CreateDashboard(data.name, data.description, data.app_id)
    saved = await dashboards.create_dashboard(commands.tools, caller_of(request), command)
    return answered(dashboard_item(*saved.shown), saved.decided, 201)


@put("/dashboards/{dashboard_id:str}", operation_id="UpdateDashboard", tags=["boards"])
async def update_dashboard(
    dashboard_id: FromPath[str], data: JSONBody[DashboardChange], request: AnyRequest, commands: FromApp
) -> Response[DashboardItem]:
    """Change the properties that the body names."""
    command = ChangeDashboard(data.name, data.description)
    saved = await dashboards.change_dashboard(commands.tools, caller_of(request), dashboard_id, command)
    return answered(dashboard_item(*saved.shown), saved.decided)


@delete("/dashboards/{dashboard_id:str}", status_code=204, operation_id="ArchiveDashboard", tags=["boards"])
async def archive_dashboard(dashboard_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[None]:
    """Hide the dashboard for ever; its app stays."""
    return removed(request, await dashboards.archive_dashboard(commands.tools, caller_of(request), dashboard_id))


@post("/apps", status_code=201, operation_id="CreateApp", tags=["boards"])
async def create_app(data: JSONBody[NewApp], request: AnyRequest, commands: FromApp) -> Response[AppItem]:
    """Save the state of an explorer, or a board."""
    state = object_text(bytes(data.state))
    saved = await apps.create_app(commands.tools, caller_of(request), data.type, state)
    return answered(app_item(*saved.shown), saved.decided, 201)


@put("/apps/{app_id:str}", operation_id="UpdateApp", tags=["boards"])
async def update_app(
    app_id: FromPath[str], data: JSONBody[AppChange], request: AnyRequest, commands: FromApp
) -> Response[AppItem]:
    """Change the type, or put another state in the place of the whole old one."""
    given = bytes(data.state)
    command = ChangeApp(data.type, None if given == _NULL else object_text(given))
    saved = await apps.change_app(commands.tools, caller_of(request), app_id, command)
    return answered(app_item(*saved.shown), saved.decided)


@delete("/apps/{app_id:str}", status_code=204, operation_id="DeleteApp", tags=["boards"])
async def delete_app(app_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[None]:
    """Remove the app, and archive the dashboards that show it."""
    return removed(request, await apps.delete_app(commands.tools, caller_of(request), app_id))


@post("/reports", status_code=201, operation_id="CreateReport", tags=["boards"])
async def create_report(data: JSONBody[NewReport], request: AnyRequest, commands: FromApp) -> Response[ReportItem]:
    """Save a report."""
    command = CreateReport(data.name, data.code, data.description)
    saved = await reports.create_report(commands.tools, caller_of(request), command)
    return answered(report_item(*saved.shown), saved.decided, 201)


@put("/reports/{report_id:str}", operation_id="UpdateReport", tags=["boards"])
async def update_report(
    report_id: FromPath[str], data: JSONBody[ReportChange], request: AnyRequest, commands: FromApp
) -> Response[ReportItem]:
    """Change the properties that the body names."""
    command = ChangeReport(data.name, data.code, data.description)
    saved = await reports.change_report(commands.tools, caller_of(request), report_id, command)
    return answered(report_item(*saved.shown), saved.decided)


@delete("/reports/{report_id:str}", status_code=204, operation_id="DeleteReport", tags=["boards"])
async def delete_report(report_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[None]:
    """Remove the report."""
    return removed(request, await reports.delete_report(commands.tools, caller_of(request), report_id))


ROUTES: tuple[HTTPRouteHandler, ...] = (
    create_dashboard,
    update_dashboard,
    archive_dashboard,
    create_app,
    update_app,
    delete_app,
    create_report,
    update_report,
    delete_report,
)
