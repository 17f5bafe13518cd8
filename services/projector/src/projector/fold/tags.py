"""Rules of tags. Runs hold a tag's id and are not touched by anything here."""

from msgspec.structs import replace

from contracts.events import Event, TagCreated
from contracts.read_models import Tag
from projector.fold.catalog_rules import Rule, Step, refused_creation
from projector.fold.catalog_state import CatalogState


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


RULES: dict[type[Event], Rule] = {TagCreated: _create}
