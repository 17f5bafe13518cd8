"""Commands on experiments: rows 43 and 45."""

from litestar import Response, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from command_api.application import experiments
from command_api.application.experiments import UpdateExperiment
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of
from contracts.rest.answers import Changed
from contracts.rest.catalog_commands import ExperimentChange, NewExperiment


@post("/experiments", status_code=200, operation_id="CreateExperiment", tags=["experiments"])
async def create_experiment(data: JSONBody[NewExperiment], request: AnyRequest, commands: FromApp) -> Response[Changed]:
    """Make an experiment; its name must be free."""
    created = await experiments.create_experiment(commands.tools, caller_of(request), data.name)
    return answered(Changed(created.id), created.decided)


@put("/experiments/{experiment_id:str}", operation_id="UpdateExperiment", tags=["experiments"])
async def update_experiment(
    experiment_id: FromPath[str], data: JSONBody[ExperimentChange], request: AnyRequest, commands: FromApp
) -> Response[Changed]:
    """Change the properties that the body names."""
    command = UpdateExperiment(data.name, data.description, data.archived)
    decided = await experiments.update_experiment(commands.tools, caller_of(request), experiment_id, command)
    return answered(Changed(experiment_id), decided)


ROUTES: tuple[HTTPRouteHandler, ...] = (create_experiment, update_experiment)
