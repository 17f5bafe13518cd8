"""Commands on many runs: rows 4 to 6."""

from typing import Annotated

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from command_api.application import run_batches
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of
from contracts.rest.answers import Done
from edge.parameters import Flag

_YES = Flag(True)


@post("/runs/delete-batch", status_code=200, operation_id="DeleteRuns", tags=["runs"])
async def delete_runs(data: JSONBody[list[str]], request: AnyRequest, commands: FromApp) -> Response[Done]:
    """Delete the runs of these ids. Ids of no run are ignored."""
    return answered(Done(), await run_batches.delete_runs(commands.tools, caller_of(request), data))


@post("/runs/archive-batch", status_code=200, operation_id="ArchiveRuns", tags=["runs"])
async def archive_runs(
    data: JSONBody[list[str]],
    request: AnyRequest,
    commands: FromApp,
    archive: Annotated[Flag, QueryParameter(description="false: take them out of the archive")] = _YES,
) -> Response[Done]:
    """Put the runs of these ids into the archive, or take them out. Ids of no run are ignored."""
    archived = bool(archive)
    return answered(Done(), await run_batches.archive_runs(commands.tools, caller_of(request), data, archived=archived))


@post("/runs/finish-batch", status_code=200, operation_id="FinishRuns", tags=["runs"])
async def finish_runs(data: JSONBody[list[str]], request: AnyRequest, commands: FromApp) -> Response[Done]:
    """End the runs of these ids that have not ended. Ids of no run are ignored."""
    return answered(Done(), await run_batches.finish_runs(commands.tools, caller_of(request), data))


ROUTES: tuple[HTTPRouteHandler, ...] = (delete_runs, archive_runs, finish_runs)
