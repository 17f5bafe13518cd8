"""Rows 67, 72, 77: lists of what users saved of the UIs' pages."""

from litestar import get

from contracts.rest.board_reads import AppItem, DashboardItem, ReportItem
from query_api.http.dependencies import FromViews
from query_api.queries import boards


@get("/dashboards", operation_id="ListDashboards", tags=["boards"])
async def list_dashboards(reads: FromViews) -> list[DashboardItem]:
    """All dashboards that are not archived, the least recently changed first."""
    return await boards.list_dashboards(reads)


@get("/apps", operation_id="ListApps", tags=["boards"])
async def list_apps(reads: FromViews) -> list[AppItem]:
    """All saved pages of explorers, in creation order."""
    return await boards.list_apps(reads)


@get("/reports", operation_id="ListReports", tags=["boards"])
async def list_reports(reads: FromViews) -> list[ReportItem]:
    """All reports, the least recently changed first."""
    return await boards.list_reports(reads)


HANDLERS = (list_dashboards, list_apps, list_reports)
