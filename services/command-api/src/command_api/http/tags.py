"""Commands on tags: row 56. Attaching and detaching are commands on a run."""

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from command_api.application import tags
from command_api.application.tags import CreateTag
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of
from contracts.rest.answers import Changed
from contracts.rest.catalog_commands import NewTag


@post("/tags", status_code=200, operation_id="CreateTag", tags=["tags"])
async def create_tag(data: JSONBody[NewTag], request: AnyRequest, commands: FromApp) -> Response[Changed]:
    """Make a tag; its name must be free."""
    command = CreateTag(data.name, data.color, data.description)
    created = await tags.create_tag(commands.tools, caller_of(request), command)
    return answered(Changed(created.id), created.decided)


ROUTES: tuple[HTTPRouteHandler, ...] = (create_tag,)
