"""Rows 67, 72, 77: lists of what users saved of the UIs' pages."""

from litestar import get

from contracts.rest.board_reads import AppItem, DashboardItem, ReportItem
from query_api.queries import boards
from query_api.queries.reads import Reads


@get("/dashboards", operation_id="dashboards", tags=["boards"])
async def list_dashboards(reads: Reads) -> list[DashboardItem]:
    return await boards.list_dashboards(reads)


@get("/apps", operation_id="apps", tags=["boards"])
async def list_apps(reads: Reads) -> list[AppItem]:
    return await boards.list_apps(reads)


@get("/reports", operation_id="reports", tags=["boards"])
async def list_reports(reads: Reads) -> list[ReportItem]:
    return await boards.list_reports(reads)


HANDLERS = (list_dashboards, list_apps, list_reports)
