"""One version of the views in all its stores: made, and taken away."""

from contracts.errors import LogMismatch
from contracts.tables import ViewNames
from projector.migrations import migrate, remove
from projector.runner.redo import CATALOG_REDO
from stores.columns.port import Columns
from stores.documents.port import Documents
from stores.views import FIRST_VERSION, drop_view, ensure_view, find_live_view, set_live_view

REBUILD = "restore what is missing, or make the views anew with `views rebuild`"


async def prepare_views(documents: Documents, columns: Columns) -> ViewNames:
    """Bring the live version's tables and collections up to date and name it; an empty store gets version 1.

    Called by every projector before it starts; may be called any number of times.
    Raises LogMismatch as `make_view` does.
    """
    live = await find_live_view(documents)
    names = live or ViewNames(FIRST_VERSION)
    await make_view(documents, columns, names)
    if live is None:
        await set_live_view(documents, names)
    return names


async def make_view(documents: Documents, columns: Columns, names: ViewNames) -> None:
    """Create what is missing of one version; nobody reads it until it is live.

    Raises LogMismatch if the points that the checkpoints vouch for are gone: an empty table in their place would answer
    nothing for ever, and nobody would be told.
    """
    if await documents.checkpoints(names.view) and not await columns.has_table(names.points):
        raise LogMismatch(f"the table {names.points} is gone but its checkpoints are not: {REBUILD}")
    await migrate(columns, names)
    await ensure_view(documents, names, (CATALOG_REDO,))


async def remove_view(documents: Documents, columns: Columns, names: ViewNames) -> None:
    """Documents and checkpoints first: without checkpoints nothing vouches for rows that are half gone."""
    await drop_view(documents, names, (CATALOG_REDO,))
    await remove(columns, names)
