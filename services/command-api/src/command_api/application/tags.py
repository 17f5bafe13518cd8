"""Commands on tags: rows 8, 9, 56, 58 and 59 of the REST contract."""

from typing import NamedTuple

import msgspec

from command_api.application.answers import Decided, carry_out, decide, error_for
from command_api.application.lookups import OF_CATALOG, existing, of_run, sought
from command_api.application.names import Names
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from command_api.application.runs import existing_run
from contracts.errors import BadRequest
from contracts.events import RunTagged, RunUntagged, TagChanged, TagCreated, TagDeleted
from contracts.read_models import Tag
from contracts.trees import clean_text

TAG_NOT_FOUND = "Not Found"


class CreateTag(msgspec.Struct, frozen=True):
    name: str
    color: str | None = None
    description: str | None = None


class UpdateTag(msgspec.Struct, frozen=True):
    """None leaves a property as it is; so does an empty name, while other empty texts clear theirs."""

    name: str | None = None
    color: str | None = None
    description: str | None = None
    archived: bool | None = None


class Named(NamedTuple):
    """The id of what a command made or found."""

    id: str
    decided: Decided


def checked_name(name: str, what: str) -> str:
    """The name trimmed. Raises BadRequest if nothing is left of it."""
    cleaned = clean_text(name).strip()
    if not cleaned:
        raise BadRequest(f"{what} must not be empty")
    return cleaned


async def tag_run(tools: Tools, names: Names, caller: Caller, run_id: str, tag_name: str) -> Named:
    """The tag is found by its exact name or created; attaching it twice changes nothing."""
    name = checked_name(tag_name, "tag_name")
    await existing_run(tools, run_id)
    tag_id, creation = await names.tag(name, caller)
    created = [] if creation is None else [creation]
    decided = await carry_out(tools, caller, [ToAppend(RunTagged(tag_id=tag_id, name=name), run_id)], created)
    # Another replica may have created the name first: then the catalog knows our id as an alias.
    return Named(await names.resolve(tag_id), decided)


class Untagged(NamedTuple):
    removed: bool
    decided: Decided | None


async def untag_run(tools: Tools, caller: Caller, run_id: str, tag_id: str) -> Untagged:
    """removed is False if the run did not have the tag, or if another removal of it came first in the log.

    Nothing is appended where the views say so already.
    """

    async def look() -> tuple[str, ...] | None:
        """The ids under which the run has it."""
        run, catalog = await tools.views.run(run_id), await tools.views.catalog()
        wanted = catalog.resolve(tag_id)
        if run is None or wanted not in catalog.tags:
            return None
        return tuple(given for given in run.tag_ids if catalog.resolve(given) == wanted) or None

    await existing_run(tools, run_id)
    attached = await sought(tools, [of_run(run_id), OF_CATALOG], look)
    if attached is None:
        return Untagged(False, None)
    decided = await carry_out(tools, caller, [ToAppend(RunUntagged(tag_ids=attached), run_id)])
    (outcome,) = decided.outcomes
    return Untagged(outcome is None or outcome.outcome == "applied", decided)


async def create_tag(tools: Tools, caller: Caller, command: CreateTag) -> Named:
    """Raises BadRequest if the name is empty or taken, also where another create came first in the log."""
    name = checked_name(command.name, "Tag name")
    if (await tools.views.catalog()).tag_named(name) is not None:
        raise _taken(name)
    event = TagCreated(
        tag_id=tools.new_id(),
        name=name,
        color=clean_text(command.color).strip() if command.color else None,
        description=clean_text(command.description).strip() or None if command.description else None,
    )
    return Named(event.tag_id, await _decided(tools, caller, event, name))


async def update_tag(tools: Tools, caller: Caller, tag_id: str, command: UpdateTag) -> Decided | None:
    """None if the command asks for nothing. Raises NotFound, or BadRequest for a name that another one has."""
    tag = await _existing_tag(tools, tag_id)
    name = clean_text(command.name or "").strip()
    event = TagChanged(
        tag_id=tag.id,
        name=name or None,
        color=None if command.color is None else clean_text(command.color).strip(),
        description=None if command.description is None else clean_text(command.description).strip(),
        archived=command.archived,
    )
    if event == TagChanged(tag_id=tag.id):
        return None
    other = (await tools.views.catalog()).tag_named(name)
    if other is not None and other.id != tag.id:
        raise _taken(name)
    return await _decided(tools, caller, event, name)


async def delete_tag(tools: Tools, caller: Caller, tag_id: str) -> Decided:
    """It is gone from every run. Raises NotFound, for a second deletion too."""
    tag = await _existing_tag(tools, tag_id)
    return await carry_out(tools, caller, [ToAppend(TagDeleted(tag_id=tag.id))], missing=TAG_NOT_FOUND)


async def _existing_tag(tools: Tools, tag_id: str) -> Tag:
    """By its id or an alias. Raises NotFound."""

    async def look() -> Tag | None:
        return (await tools.views.catalog()).tag(tag_id)

    return await existing(tools, [OF_CATALOG], look, TAG_NOT_FOUND)


def _taken(name: str) -> BadRequest:
    return BadRequest(f"Tag with name '{name}' already exists")


async def _decided(tools: Tools, caller: Caller, event: TagCreated | TagChanged, name: str) -> Decided:
    decided = await decide(tools, caller, [ToAppend(event)])
    refusal = decided.refusal()
    if refusal is not None:
        raise _taken(name) if refusal.entity_id is not None else error_for(refusal, TAG_NOT_FOUND)
    return decided
