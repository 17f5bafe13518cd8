"""Rules of tags. Runs hold a tag's id and are not touched by anything here."""

from msgspec.structs import replace

from contracts.events import Event, TagChanged, TagCreated, TagDeleted
from contracts.read_models import Tag
from projector.fold.catalog_rules import Rule, Step, refused_creation, renamed, taken, without, without_aliases
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Ignored

NO_TAG = Ignored("tag not found", "not_found")


def _create(state: CatalogState, event: TagCreated, version: int) -> Step:
    refused = refused_creation(state, "tag", event.tag_id, state.tag_ids.get(event.name), version)
    if refused is not None:
        return refused
    created = Tag(
        id=event.tag_id,
        version=version,
        name=event.name,
        color=event.color,
        description=event.description,
        archived=False,
        position=version,
    )
    after = replace(
        state, tags={**state.tags, created.id: created}, tag_ids={**state.tag_ids, created.name: created.id}
    )
    return after, None


def _change(state: CatalogState, event: TagChanged, version: int) -> Step:
    target = state.resolve("tag", event.tag_id)
    if target is None:
        return state, NO_TAG
    tag = state.tags[target]
    name = tag.name if event.name is None else event.name
    owner = state.tag_ids.get(name, target)
    if owner != target:
        return state, taken(owner)
    changed = replace(
        tag,
        version=version,
        name=name,
        color=_text(tag.color, event.color),
        description=_text(tag.description, event.description),
        archived=tag.archived if event.archived is None else event.archived,
    )
    names = renamed(state.tag_ids, tag.name, name)
    return replace(state, tags={**state.tags, target: changed}, tag_ids=names), None


def _text(before: str | None, given: str | None) -> str | None:
    return before if given is None else given or None


def _delete(state: CatalogState, event: TagDeleted, version: int) -> Step:
    target = state.resolve("tag", event.tag_id)
    if target is None:
        return state, NO_TAG
    after = replace(
        state,
        tags=without(state.tags, target),
        tag_ids=without(state.tag_ids, state.tags[target].name),
        aliases=without_aliases(state, target),
    )
    return after, None


RULES: dict[type[Event], Rule] = {
    TagCreated: _create,
    TagChanged: _change,
    TagDeleted: _delete,
}
