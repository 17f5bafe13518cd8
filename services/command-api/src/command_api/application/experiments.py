"""Commands on experiments: rows 43, 45 and 46 of the REST contract."""

from dataclasses import replace

import msgspec

from command_api.application.answers import Decided, carry_out, decide, error_for
from command_api.application.lookups import OF_CATALOG, sought
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from command_api.application.tags import Named, checked_name
from contracts.errors import BadRequest, NotFound
from contracts.events import (
    CatalogEvent,
    ExperimentArchived,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentDescribed,
    ExperimentRenamed,
    ExperimentUnarchived,
)
from contracts.read_models import Experiment
from contracts.trees import clean_text

NOT_FOUND = "Not Found"


class UpdateExperiment(msgspec.Struct, frozen=True):
    """None leaves a property as it is; so does an empty name."""

    name: str | None = None
    description: str | None = None
    archived: bool | None = None


async def existing_experiment(tools: Tools, experiment_id: str) -> Experiment:
    """By its id or an alias. Raises NotFound with the text that every route of an experiment answers."""

    async def look() -> Experiment | None:
        return (await tools.views.catalog()).experiment(experiment_id)

    experiment = await sought(tools, [OF_CATALOG], look)
    if experiment is None:
        raise NotFound(NOT_FOUND)
    return experiment


def _taken(name: str) -> BadRequest:
    return BadRequest(f"Experiment with name '{name}' already exists")


async def create_experiment(tools: Tools, caller: Caller, name: str) -> Named:
    """Raises BadRequest if the name is empty or taken, also where another create came first in the log."""
    name = checked_name(name, "Experiment name")
    if (await tools.views.catalog()).experiment_named(name) is not None:
        raise _taken(name)
    event = ExperimentCreated(experiment_id=tools.new_id(), name=name, at=tools.clock())
    return Named(event.experiment_id, await _decided(tools, caller, [ToAppend(event)], name))


async def update_experiment(
    tools: Tools, caller: Caller, experiment_id: str, command: UpdateExperiment
) -> Decided | None:
    """None if the command asks for nothing. Raises NotFound, or BadRequest for a name that another one has."""
    experiment = await existing_experiment(tools, experiment_id)
    renamed: Decided | None = None
    events: list[CatalogEvent] = []
    name = clean_text(command.name or "").strip()
    if name:
        other = (await tools.views.catalog()).experiment_named(name)
        if other is not None and other.id != experiment.id:
            raise _taken(name)
        events.append(ExperimentRenamed(experiment_id=experiment.id, name=name))
    if name not in ("", experiment.name):
        # Decided before the rest is written: a name that another one got first must leave everything as it was.
        renamed = await _decided(tools, caller, [ToAppend(event) for event in events], name)
        events = []
    if command.description is not None:
        described = clean_text(command.description).strip()
        events.append(ExperimentDescribed(experiment_id=experiment.id, description=described))
    if command.archived is not None:
        kind = ExperimentArchived if command.archived else ExperimentUnarchived
        events.append(kind(experiment_id=experiment.id))
    if not events:
        return renamed
    changed = await _decided(tools, caller, [ToAppend(event) for event in events], name)
    return replace(changed, visible=changed.visible and (renamed is None or renamed.visible))


async def delete_experiment(tools: Tools, caller: Caller, experiment_id: str) -> Decided:
    """Its notes go with it, its runs stay without it. Raises NotFound, for a second deletion too."""
    experiment = await existing_experiment(tools, experiment_id)
    event = ExperimentDeleted(experiment_id=experiment.id)
    return await carry_out(tools, caller, [ToAppend(event)], missing=NOT_FOUND)


async def _decided(tools: Tools, caller: Caller, items: list[ToAppend], name: str) -> Decided:
    decided = await decide(tools, caller, items)
    refusal = decided.refusal()
    if refusal is not None:
        raise _taken(name) if refusal.entity_id is not None else error_for(refusal, NOT_FOUND)
    return decided
