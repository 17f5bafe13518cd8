"""The documents of the catalog that events changed.

Views `experiments`, `tags`, `aliases`, `settings`, `dashboards`, `apps` and `reports`.
"""

from collections.abc import Mapping
from typing import TypeVar

from contracts.read_models.catalog import CatalogDocument
from contracts.tables import ALIASES, APPS, DASHBOARDS, EXPERIMENTS, REPORTS, SETTINGS, TAGS, Collection
from projector.fold.catalog_state import CatalogState

_Document = TypeVar("_Document", bound=CatalogDocument)


def documents_for(before: CatalogState, after: CatalogState) -> list[tuple[Collection, CatalogDocument]]:
    """What to write so that the documents of `before` become those of `after`, one or many events later.

    No event of the catalog removes a document.
    """
    changed: list[tuple[Collection, CatalogDocument]] = []
    changed += [(EXPERIMENTS, one) for one in _changed(before.experiments, after.experiments)]
    changed += [(TAGS, one) for one in _changed(before.tags, after.tags)]
    changed += [(ALIASES, one) for one in _changed(before.aliases, after.aliases)]
    changed += [(DASHBOARDS, one) for one in _changed(before.dashboards, after.dashboards)]
    changed += [(APPS, one) for one in _changed(before.apps, after.apps)]
    changed += [(REPORTS, one) for one in _changed(before.reports, after.reports)]
    if after.pinned is not None and after.pinned is not before.pinned:
        changed.append((SETTINGS, after.pinned))
    return changed


def _changed(before: Mapping[str, _Document], after: Mapping[str, _Document]) -> list[_Document]:
    # The fold copies what it changes and shares the rest, so the same object is the same document.
    if before is after:
        return []
    return [document for key, document in after.items() if before.get(key) is not document]
