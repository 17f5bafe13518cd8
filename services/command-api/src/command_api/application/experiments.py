"""Commands on experiments: rows 43, 45 and 46 of the REST contract."""

import msgspec

from command_api.application.answers import Decided, carry_out, decide, error_for
from command_api.application.lookups import OF_CATALOG, existing
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from command_api.application.tags import Named, checked_name
from contracts.errors import BadRequest
from contracts.events import ExperimentChanged, ExperimentCreated, ExperimentDeleted
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

    return await existing(tools, [OF_CATALOG], look, NOT_FOUND)


def _taken(name: str) -> BadRequest:
    return BadRequest(f"Experiment with name '{name}' already exists")


async def create_experiment(tools: Tools, caller: Caller, name: str) -> Named:
    """Raises BadRequest if the name is empty or taken, also where another create came first in the log."""
    name = checked_name(name, "Experiment name")
    if (await tools.views.catalog()).experiment_named(name) is not None:
        raise _taken(name)
    event = ExperimentCreated(experiment_id=tools.new_id(), name=name, at=tools.clock())
    return Named(event.experiment_id, await _decided(tools, caller, event, name))


async def update_experiment(
    tools: Tools, caller: Caller, experiment_id: str, command: UpdateExperiment
) -> Decided | None:
    """None if the command asks for nothing. Raises NotFound, or BadRequest for a name that another one has."""
    experiment = await existing_experiment(tools, experiment_id)
    name = clean_text(command.name or "").strip()
    event = ExperimentChanged(
        experiment_id=experiment.id,
        name=name or None,
        description=None if command.description is None else clean_text(command.description).strip(),
        archived=command.archived,
    )
    if event == ExperimentChanged(experiment_id=experiment.id):
        return None
    other = (await tools.views.catalog()).experiment_named(name)
    if other is not None and other.id != experiment.id:
        raise _taken(name)
    return await _decided(tools, caller, event, name)


async def delete_experiment(tools: Tools, caller: Caller, experiment_id: str) -> Decided:
    """Its notes go with it, its runs stay without it. Raises NotFound, for a second deletion too."""
    experiment = await existing_experiment(tools, experiment_id)
    event = ExperimentDeleted(experiment_id=experiment.id)
    return await carry_out(tools, caller, [ToAppend(event)], missing=NOT_FOUND)


async def _decided(tools: Tools, caller: Caller, event: ExperimentCreated | ExperimentChanged, name: str) -> Decided:
    decided = await decide(tools, caller, [ToAppend(event)])
    refusal = decided.refusal()
    if refusal is not None:
        raise _taken(name) if refusal.entity_id is not None else error_for(refusal, NOT_FOUND)
    return decided
