"""Which version of the views is live: one document names it, a request resolves it once."""

from collections.abc import Iterable, Sequence

from contracts.errors import LogMismatch
from contracts.position import Position
from contracts.tables import LIVE_VIEW, VIEW_COLLECTIONS, VIEWS, Collection, ViewNames
from stores.documents.port import DocumentReader, Documents, Put
from stores.errors import StoreUnavailable

FIRST_VERSION = 1


async def live_view(documents: DocumentReader) -> ViewNames:
    """The names of the live version. Raises StoreUnavailable before the projector made the first one."""
    names = await find_live_view(documents)
    if names is None:
        raise StoreUnavailable("there are no views yet: the projector makes them when it starts")
    return names


async def find_live_view(documents: DocumentReader) -> ViewNames | None:
    """As `live_view`, but None where no version is live."""
    document = await documents.get(VIEWS.name, LIVE_VIEW)
    return None if document is None else ViewNames(document["version"])


async def require_live(documents: DocumentReader, names: ViewNames) -> None:
    """Raises LogMismatch if another version is live: what is written into this one is read by nobody."""
    live = await find_live_view(documents)
    if live != names:
        found = "no version is" if live is None else f"version {live.version} is"
        raise LogMismatch(f"{found} live now, and not version {names.version}: start again, to go on with the live one")


async def reaches(documents: DocumentReader, view: str, positions: Iterable[Position]) -> bool:
    """Whether the checkpoints of a version (`ViewNames.view`) say that it holds all these records."""
    checkpoints = await documents.checkpoints(view)
    for position in positions:
        checkpoint = checkpoints.get(position.topic_partition)
        if checkpoint is None or (checkpoint.generation, checkpoint.offset) < (position.generation, position.offset):
            return False
    return True


async def ensure_view(documents: Documents, names: ViewNames, more: Sequence[Collection] = ()) -> None:
    """Create what is missing of the collections of one version, and of those in `more`, with their indexes."""
    wanted = {names.collection(collection): collection.indexes for collection in (*VIEW_COLLECTIONS, *more)}
    await documents.ensure({VIEWS.name: VIEWS.indexes, **wanted})


async def set_live_view(documents: Documents, names: ViewNames) -> None:
    """One document update. A version older than the live one changes nothing: versions only rise."""
    await documents.commit([Put(VIEWS.name, {"_id": LIVE_VIEW, "_v": names.version, "version": names.version})])


async def drop_view(documents: Documents, names: ViewNames, more: Sequence[Collection] = ()) -> None:
    """Remove the documents and checkpoints of a version; its points table is the columns' matter."""
    await documents.drop([names.collection(collection) for collection in (*VIEW_COLLECTIONS, *more)], names.view)
