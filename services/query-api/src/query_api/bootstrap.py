"""Puts the query API together. Reading it shows the whole service.

The UIs are named here too: this module is the door through which the embedded product meets the service.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from edge.health import Check
from query_api.http import artifacts, boards, catalog, logs, objects, project, runs
from query_api.http.dependencies import ReadPorts, timezone_minutes
from query_api.http.ui import UserInterface, find_ui, ui_routes
from query_api.queries.blob_references import BlobReferences
from query_api.queries.turns import Turns
from query_api.settings import ReferenceSettings
from stores.blobs.port import Blobs
from stores.blobs.values import BlobValues
from stores.columns.port import ColumnReader
from stores.documents.port import DocumentReader
from stores.runs.catalog import CatalogReader
from stores.views import live_view

__all__ = ("QueryApi", "UserInterface", "build", "find_ui", "ui_routes")


_REFERENCES: Final = ReferenceSettings()
_SALT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class QueryApi:
    """What an ASGI app needs to serve the reads: the arguments of `edge.app.create_app` of these names."""

    rest: Sequence[HTTPRouteHandler]
    rest_only: Sequence[HTTPRouteHandler]
    root: Sequence[HTTPRouteHandler]
    dependencies: Mapping[str, Provide]
    checks: Mapping[str, Check]


def build(
    documents: DocumentReader,
    columns: ColumnReader,
    blobs: Blobs,
    *,
    reference_key: bytes,
    references: ReferenceSettings = _REFERENCES,
    clock: Callable[[], float] = time.time,
    ticks: Callable[[], float] = time.monotonic,
) -> QueryApi:
    """The reads over open stores, which stay the caller's to close. Opens nothing and needs no running loop.

    reference_key: signs references to blobs, the same in all processes of one product.
    clock: seconds UTC. ticks: seconds, monotone.
    """
    ports = ReadPorts(
        documents,
        columns,
        blobs,
        BlobValues(blobs),
        BlobReferences(reference_key, references.reference_seconds, lambda: secrets.token_bytes(_SALT_BYTES)),
        CatalogReader(documents),
        clock,
        ticks,
        Turns(),
    )

    async def views_there() -> None:
        await live_view(documents)

    return QueryApi(
        rest=[
            *runs.HANDLERS,
            *logs.HANDLERS,
            *artifacts.HANDLERS,
            *objects.HANDLERS,
            *catalog.HANDLERS,
            *project.HANDLERS,
            *boards.HANDLERS,
        ],
        rest_only=[*project.REST_ONLY],
        root=[],
        dependencies={"reads": Provide(ports.reads), "timezone": Provide(timezone_minutes)},
        checks={"documents": documents.check, "columns": columns.check, "views": views_there},
    )
