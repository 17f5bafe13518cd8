"""What one request reads: the live version of the views, resolved once, and the moment at which it asks."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.tables import ViewNames
from query_api.queries.blob_references import BlobReferences
from query_api.queries.turns import Turns
from stores.blobs.port import Blobs
from stores.blobs.values import BlobValues
from stores.boards import BoardReader
from stores.columns.port import ColumnReader
from stores.documents.port import DocumentReader
from stores.runs.catalog import Catalog, CatalogReader
from stores.runs.reader import RunReader


@dataclass(frozen=True, slots=True)
class Reads:
    """values: what lies in `blobs` because events and documents do not hold it.

    references: to bytes of images and sounds.

    now: seconds UTC, when the request came. ticks: seconds, monotone, for budgets. turns: of all searches.
    """

    documents: DocumentReader
    columns: ColumnReader
    blobs: Blobs
    values: BlobValues
    references: BlobReferences
    names: ViewNames
    catalogs: CatalogReader
    now: float
    ticks: Callable[[], float]
    turns: Turns

    @property
    def runs(self) -> RunReader:
        return RunReader(self.documents, self.names)

    @property
    def boards(self) -> BoardReader:
        return BoardReader(self.documents, self.names, self.values)

    async def catalog(self) -> Catalog:
        return await self.catalogs.current(self.names)
