"""Commands on experiments and their notes: rows 43, 45, 46, 50, 52 and 53."""

from litestar import Response, delete, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from command_api.application import experiment_notes, experiments
from command_api.application.experiments import UpdateExperiment
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of
from contracts.rest.answers import Changed, Done
from contracts.rest.catalog_commands import ExperimentChange, NewExperiment
from contracts.rest.notes import NoteChanged, NoteCreated, NoteText
from contracts.rest.times import iso_utc


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


@delete("/experiments/{experiment_id:str}", status_code=200, operation_id="DeleteExperiment", tags=["experiments"])
async def delete_experiment(experiment_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[Done]:
    """Remove the experiment and its notes; its runs stay, without an experiment."""
    decided = await experiments.delete_experiment(commands.tools, caller_of(request), experiment_id)
    return answered(Done(), decided)


@post("/experiments/{experiment_id:str}/note", status_code=201, operation_id="AddExperimentNote", tags=["experiments"])
async def add_experiment_note(
    experiment_id: FromPath[str], data: JSONBody[NoteText], request: AnyRequest, commands: FromApp
) -> Response[NoteCreated]:
    """Write a note on the experiment."""
    note = await experiment_notes.add_experiment_note(commands.tools, caller_of(request), experiment_id, data.content)
    return answered(NoteCreated(note.note_id, iso_utc(note.created_at)), note.decided, 201)


@put("/experiments/{experiment_id:str}/note/{note_id:str}", operation_id="EditExperimentNote", tags=["experiments"])
async def edit_experiment_note(
    experiment_id: FromPath[str],
    note_id: FromPath[str],
    data: JSONBody[NoteText],
    request: AnyRequest,
    commands: FromApp,
) -> Response[NoteChanged]:
    """Put another text in the place of a note's."""
    note = await experiment_notes.edit_experiment_note(
        commands.tools, caller_of(request), experiment_id, note_id, data.content
    )
    return answered(NoteChanged(note.note_id, note.content, iso_utc(note.updated_at)), note.decided)


@delete(
    "/experiments/{experiment_id:str}/note/{note_id:str}",
    status_code=200,
    operation_id="DeleteExperimentNote",
    tags=["experiments"],
)
async def delete_experiment_note(
    experiment_id: FromPath[str], note_id: FromPath[str], request: AnyRequest, commands: FromApp
) -> Response[Done]:
    """Remove a note."""
    decided = await experiment_notes.delete_experiment_note(commands.tools, caller_of(request), experiment_id, note_id)
    return answered(Done(), decided)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    create_experiment,
    update_experiment,
    delete_experiment,
    add_experiment_note,
    edit_experiment_note,
    delete_experiment_note,
)
