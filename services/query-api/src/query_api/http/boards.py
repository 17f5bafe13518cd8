"""Rows 67, 69, 72, 74, 77, 79: what users saved of the UIs' pages."""

from litestar import get
from litestar.params import FromPath

from contracts.rest.board_reads import AppItem, DashboardItem, ReportItem
from query_api.http.dependencies import FromViews
from query_api.queries import boards


@get("/dashboards", operation_id="ListDashboards", tags=["boards"])
async def list_dashboards(reads: FromViews) -> list[DashboardItem]:
    """All dashboards that are not archived, the least recently changed first."""
    return await boards.list_dashboards(reads)


@get("/dashboards/{dashboard_id:str}", operation_id="GetDashboard", tags=["boards"])
async def get_dashboard(reads: FromViews, dashboard_id: FromPath[str]) -> DashboardItem:
    """One dashboard that is not archived."""
    return await boards.get_dashboard(reads, dashboard_id)


@get("/apps", operation_id="ListApps", tags=["boards"])
async def list_apps(reads: FromViews) -> list[AppItem]:
    """All saved pages of explorers, in creation order."""
    return await boards.list_apps(reads)


@get("/apps/{app_id:str}", operation_id="GetApp", tags=["boards"])
async def get_app(reads: FromViews, app_id: FromPath[str]) -> AppItem:
    """One saved page of an explorer."""
    return await boards.get_app(reads, app_id)


@get("/reports", operation_id="ListReports", tags=["boards"])
async def list_reports(reads: FromViews) -> list[ReportItem]:
    """All reports, the least recently changed first."""
    return await boards.list_reports(reads)


@get("/reports/{report_id:str}", operation_id="GetReport", tags=["boards"])
async def get_report(reads: FromViews, report_id: FromPath[str]) -> ReportItem:
    """One report."""
    return await boards.get_report(reads, report_id)


HANDLERS = (list_dashboards, get_dashboard, list_apps, get_app, list_reports, get_report)
