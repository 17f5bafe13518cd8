"""What the rules of the catalog have in common: their form, and names that are unique within their kind."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from contracts.read_models import Alias
from projector.fold.catalog_state import CatalogState, Kind
from projector.fold.outcome import DUPLICATE, Ignored

Step = tuple[CatalogState, Ignored | None]
"""The state after an event, and why the event was refused."""

Rule = Callable[[CatalogState, Any, int], Step]
"""State, event of the rule's type, version of the event."""

_T = TypeVar("_T")


def taken(owner: str) -> Ignored:
    return Ignored(f"name taken by {owner}", "bad_request", owner)


def refused_creation(state: CatalogState, kind: Kind, entity_id: str, owner: str | None, version: int) -> Step | None:
    """An id that is known was created before. A name that is known gives its owner a second id."""
    known = state.resolve(kind, entity_id)
    if known is not None:
        return state, Ignored(DUPLICATE, "conflict", known)
    if owner is None:
        return None
    alias = Alias(id=entity_id, version=version, kind=kind, target=owner)
    return replace(state, aliases={**state.aliases, entity_id: alias}), taken(owner)


def renamed(ids: Mapping[str, str], before: str, after: str) -> dict[str, str]:
    """Ids by name, once the entity called `before` is called `after`."""
    entity_id = ids[before]
    return {**without(ids, before), after: entity_id}


def without(entries: Mapping[str, _T], key: str) -> dict[str, _T]:
    return {one: entry for one, entry in entries.items() if one != key}


def without_aliases(state: CatalogState, target: str) -> dict[str, Alias]:
    """The aliases once their target is gone: ids that nothing stands behind mean nothing any more."""
    return {one: alias for one, alias in state.aliases.items() if alias.target != target}
