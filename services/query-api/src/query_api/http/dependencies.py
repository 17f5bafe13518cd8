"""What handlers get by name: the views as of this request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from contracts.position import decode_token
from edge.parameters import parse_timezone
from query_api.queries.blob_references import BlobReferences
from query_api.queries.positions import wait_for
from query_api.queries.reads import Reads
from query_api.queries.turns import Turns
from stores.blobs.port import Blobs
from stores.blobs.values import BlobValues
from stores.columns.port import ColumnReader
from stores.documents.port import DocumentReader
from stores.runs.catalog import CatalogReader
from stores.views import live_view

POSITION_HEADER = "X-Tallybook-Position"
TIMEZONE_HEADER = "X-Timezone-Offset"

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ReadPorts:
    """One per process. clock: seconds UTC. ticks: seconds, monotone."""

    documents: DocumentReader
    columns: ColumnReader
    blobs: Blobs
    values: BlobValues
    references: BlobReferences
    catalogs: CatalogReader
    clock: Callable[[], float]
    ticks: Callable[[], float]
    turns: Turns

    async def reads(self, request: AnyRequest) -> Reads:
        """The live version of the views, once it holds what the caller's position token names, or after 2 s."""
        names = await live_view(self.documents)
        token = request.headers.get(POSITION_HEADER)
        if token:
            await wait_for(self.documents, names.view, decode_token(token), self.ticks)
        return Reads(
            self.documents,
            self.columns,
            self.blobs,
            self.values,
            self.references,
            names,
            self.catalogs,
            self.clock(),
            self.ticks,
            self.turns,
        )


FromViews = NamedDependency[SkipValidation[Reads]]
"""The app's dependency `reads`."""

FromTimezone = NamedDependency[SkipValidation[int]]
"""The app's dependency `timezone`."""


async def timezone_minutes(request: AnyRequest) -> int:
    """UTC minus local time. Raises ValidationFailed."""
    return parse_timezone(request.headers.get(TIMEZONE_HEADER))
