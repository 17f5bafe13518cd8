"""Commands on one run: rows 2, 3, 7, 8, 9, 11, 13 and 14."""

from litestar import Response, delete, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from command_api.application import runs as commands_on_runs
from command_api.application import tags as commands_on_tags
from command_api.application.runs import UpdateRun
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of, position_headers
from contracts.rest.answers import Changed, Done
from contracts.rest.notes import NoteChanged, NoteCreated, NoteText
from contracts.rest.run_commands import RunChange, TagAttached, TagDetached, TagToAttach
from contracts.rest.times import iso_utc
from edge.refusals import never


@put("/runs/{run_id:str}", operation_id="UpdateRun", tags=["runs"])
async def update_run(
    run_id: FromPath[str], data: JSONBody[RunChange], request: AnyRequest, commands: FromApp
) -> Response[Changed]:
    """Change the properties that the body names."""
    command = UpdateRun(data.name, data.description, data.archived, data.experiment, data.active)
    decided = await commands_on_runs.update_run(commands.tools, commands.names, caller_of(request), run_id, command)
    return answered(Changed(run_id), decided)


@delete("/runs/{run_id:str}", status_code=200, operation_id="DeleteRun", tags=["runs"])
async def delete_run(run_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[Changed]:
    """Hide the run from every reader and drop what its client still sends."""
    decided = await commands_on_runs.delete_run(commands.tools, caller_of(request), run_id)
    return answered(Changed(run_id), decided)


@post(
    "/runs/{run_id:str}/clear-tombstone",
    status_code=204,
    operation_id="ClearTombstone",
    tags=["runs"],
    opt=never(404),
)
async def clear_tombstone(run_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[None]:
    """Let the id of a deleted run be used again; it begins empty. Also of no run, this succeeds."""
    decided = await commands_on_runs.clear_tombstone(commands.tools, caller_of(request), run_id)
    return Response(None, status_code=204, headers=position_headers(decided))


@post("/runs/{run_id:str}/tags/new", status_code=200, operation_id="TagRun", tags=["runs"])
async def tag_run(
    run_id: FromPath[str], data: JSONBody[TagToAttach], request: AnyRequest, commands: FromApp
) -> Response[TagAttached]:
    """Attach the tag of this name; it is made if there is none."""
    tag_id, decided = await commands_on_tags.tag_run(
        commands.tools, commands.names, caller_of(request), run_id, data.tag_name
    )
    return answered(TagAttached(run_id, tag_id), decided)


@delete("/runs/{run_id:str}/tags/{tag_id:str}", status_code=200, operation_id="UntagRun", tags=["runs"])
async def untag_run(
    run_id: FromPath[str], tag_id: FromPath[str], request: AnyRequest, commands: FromApp
) -> Response[TagDetached]:
    """Take the tag off the run."""
    removed, decided = await commands_on_tags.untag_run(commands.tools, caller_of(request), run_id, tag_id)
    return answered(TagDetached(run_id, removed), decided)


@post("/runs/{run_id:str}/note", status_code=201, operation_id="AddRunNote", tags=["runs"])
async def add_run_note(
    run_id: FromPath[str], data: JSONBody[NoteText], request: AnyRequest, commands: FromApp
) -> Response[NoteCreated]:
    """Write a note on the run."""
    note = await commands_on_runs.add_run_note(commands.tools, caller_of(request), run_id, data.content)
    return answered(NoteCreated(note.note_id, iso_utc(note.created_at)), note.decided, 201)


@put("/runs/{run_id:str}/note/{note_id:str}", operation_id="EditRunNote", tags=["runs"])
async def edit_run_note(
    run_id: FromPath[str], note_id: FromPath[str], data: JSONBody[NoteText], request: AnyRequest, commands: FromApp
) -> Response[NoteChanged]:
    """Put another text in the place of a note's."""
    note = await commands_on_runs.edit_run_note(commands.tools, caller_of(request), run_id, note_id, data.content)
    return answered(NoteChanged(note.note_id, note.content, iso_utc(note.updated_at)), note.decided)


@delete("/runs/{run_id:str}/note/{note_id:str}", status_code=200, operation_id="DeleteRunNote", tags=["runs"])
async def delete_run_note(
    run_id: FromPath[str], note_id: FromPath[str], request: AnyRequest, commands: FromApp
) -> Response[Done]:
    """Remove a note."""
    decided = await commands_on_runs.delete_run_note(commands.tools, caller_of(request), run_id, note_id)
    return answered(Done(), decided)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    update_run,
    delete_run,
    clear_tombstone,
    tag_run,
    untag_run,
    add_run_note,
    edit_run_note,
    delete_run_note,
)
