"""Rows 67, 72, 77: what users saved of the UIs' pages."""

from typing import Any

from contracts import tables
from contracts.rest.board_reads import AppItem, DashboardItem, ReportItem
from contracts.rest.times import iso_utc
from contracts.tables import Collection
from contracts.trees import unpack
from query_api.queries.json_values import json_tree
from query_api.queries.reads import Reads
from stores.documents.port import Condition, Document, Where


async def list_dashboards(reads: Reads) -> list[DashboardItem]:
    """By time of their last change, oldest first; archived ones left out."""
    found = await _all(reads, tables.DASHBOARDS, "updated_at", Condition("archived", "ne", True))
    return [
        DashboardItem(
            name=one["name"],
            description=one["description"],
            app_id=one["app_id"],
            app_type=one["app_type"],
            **_common(one),
        )
        for one in found
    ]


async def list_apps(reads: Reads) -> list[AppItem]:
    """In creation order."""
    found = await _all(reads, tables.APPS, "created_at")
    return [AppItem(type=one["type"], state=json_tree(unpack(one["state"])), **_common(one)) for one in found]


async def list_reports(reads: Reads) -> list[ReportItem]:
    """By time of their last change, oldest first."""
    found = await _all(reads, tables.REPORTS, "updated_at")
    return [
        ReportItem(name=one["name"], code=one["code"], description=one["description"], **_common(one)) for one in found
    ]


async def _all(reads: Reads, collection: Collection, order: str, where: Where | None = None) -> list[Document]:
    batches = reads.documents.find(reads.names.collection(collection), where, sort=((order, 1), ("_id", 1)))
    return [document async for batch in batches for document in batch]


def _common(document: Document) -> dict[str, Any]:
    return {
        "id": document["_id"],
        "updated_at": iso_utc(document["updated_at"]),
        "created_at": iso_utc(document["created_at"]),
    }
