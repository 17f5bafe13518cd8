"""Views of the catalog: the documents that events changed, and those that are gone."""

from collections.abc import Callable, Mapping

from contracts.read_models.catalog import CatalogDocument
from contracts.tables import (
    ALIASES,
    APPS,
    DASHBOARDS,
    EXPERIMENT_NOTES,
    EXPERIMENTS,
    REPORTS,
    SETTINGS,
    TAGS,
    Collection,
)
from projector.fold.catalog_state import CatalogState
from projector.projections.removed import Removed

_ENTRIES: dict[Collection, Callable[[CatalogState], Mapping[str, CatalogDocument]]] = {
    EXPERIMENTS: lambda state: state.experiments,
    EXPERIMENT_NOTES: lambda state: state.experiment_notes,
    TAGS: lambda state: state.tags,
    ALIASES: lambda state: state.aliases,
    SETTINGS: lambda state: {} if state.pinned is None else {state.pinned.id: state.pinned},
    DASHBOARDS: lambda state: state.dashboards,
    APPS: lambda state: state.apps,
    REPORTS: lambda state: state.reports,
}
"""Documents by id, as one state has them."""


def documents_for(
    before: CatalogState, after: CatalogState, version: int
) -> list[tuple[Collection, CatalogDocument | Removed]]:
    """What to write so that the documents of `before` become those of `after`, one or many events later.

    version: of the last of these events.
    """
    changed: list[tuple[Collection, CatalogDocument | Removed]] = []
    for collection, entries in _ENTRIES.items():
        changed += [(collection, one) for one in _changed(entries(before), entries(after), version)]
    return changed


def _changed(
    before: Mapping[str, CatalogDocument], after: Mapping[str, CatalogDocument], version: int
) -> list[CatalogDocument | Removed]:
    # The fold copies what it changes and shares the rest, so the same object is the same document.
    if before is after:
        return []
    gone = [Removed(key, version) for key in sorted(before.keys() - after.keys())]
    return [*gone, *(document for key, document in after.items() if before.get(key) is not document)]
