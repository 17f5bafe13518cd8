"""Versions of the views in all their stores: made, found and taken away."""

import msgspec

from contracts.errors import LogMismatch
from contracts.tables import TABLES, ViewNames
from projector.migrations import migrate, remove
from projector.runner.redo import CATALOG_REDO
from stores.columns.port import ColumnReader, Columns
from stores.documents.port import DocumentReader, Documents
from stores.views import FIRST_VERSION, drop_view, ensure_view, find_live_view, live_view, set_live_view

REBUILD = "restore what is missing, or make the views anew with `views rebuild`"


class ViewsDropped(msgspec.Struct, frozen=True, kw_only=True):
    """versions: of which something was there and is no more, oldest first."""

    versions: tuple[int, ...]


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


async def left_over(documents: DocumentReader, columns: ColumnReader) -> list[ViewNames]:
    """Versions older than the live one of which something is there, oldest first. Raises as `live_view`.

    A rebuild leaves the one before it as a way back, and a crash while one is removed leaves a part of it.
    """
    live = await live_view(documents)
    older = [ViewNames(version) for version in range(FIRST_VERSION, live.version)]
    return [names for names in older if await _is_there(documents, columns, names)]


async def drop_left_over(documents: Documents, columns: Columns) -> ViewsDropped:
    """Remove all of `left_over`; neither the live version nor one that is being made is touched."""
    found = await left_over(documents, columns)
    for names in found:
        await remove_view(documents, columns, names)
    return ViewsDropped(versions=tuple(names.version for names in found))


async def _is_there(documents: DocumentReader, columns: ColumnReader, names: ViewNames) -> bool:
    """Checkpoints go after the documents, and tables after both: while anything is there, one of these is."""
    if await documents.checkpoints(names.view):
        return True
    for table in TABLES:
        if await columns.has_table(names.table(table)):
            return True
    return False
