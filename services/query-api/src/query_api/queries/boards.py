"""Rows 67, 69, 72, 74, 77, 79: what users saved of the UIs' pages."""

from contracts.errors import NotFound
from contracts.rest.board_reads import AppItem, DashboardItem, ReportItem, app_item, dashboard_item, report_item
from query_api.queries.reads import Reads


async def list_dashboards(reads: Reads) -> list[DashboardItem]:
    """By time of their last change, oldest first; archived ones left out."""
    return [dashboard_item(*one) for one in await reads.boards.dashboards()]


async def get_dashboard(reads: Reads, dashboard_id: str) -> DashboardItem:
    """Raises NotFound, also for one that is archived."""
    found = await reads.boards.dashboard(dashboard_id)
    if found is None:
        raise NotFound
    return dashboard_item(*found)


async def list_apps(reads: Reads) -> list[AppItem]:
    """In creation order."""
    return [app_item(*one) for one in await reads.boards.apps()]


async def get_app(reads: Reads, app_id: str) -> AppItem:
    """Raises NotFound."""
    found = await reads.boards.app(app_id)
    if found is None:
        raise NotFound
    return app_item(*found)


async def list_reports(reads: Reads) -> list[ReportItem]:
    """By time of their last change, oldest first."""
    return [report_item(*one) for one in await reads.boards.reports()]


async def get_report(reads: Reads, report_id: str) -> ReportItem:
    """Raises NotFound."""
    found = await reads.boards.report(report_id)
    if found is None:
        raise NotFound
    return report_item(*found)
