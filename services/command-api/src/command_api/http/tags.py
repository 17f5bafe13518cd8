"""Commands on tags: rows 56, 58 and 59. Attaching and detaching are commands on a run."""

from litestar import Response, delete, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from command_api.application import tags
from command_api.application.tags import CreateTag, UpdateTag
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of
from contracts.rest.answers import Changed
from contracts.rest.catalog_commands import NewTag, TagChange


@post("/tags", status_code=200, operation_id="CreateTag", tags=["tags"])
async def create_tag(data: JSONBody[NewTag], request: AnyRequest, commands: FromApp) -> Response[Changed]:
    """Make a tag; its name must be free."""
    command = CreateTag(data.name, data.color, data.description)
    created = await tags.create_tag(commands.tools, caller_of(request), command)
    return answered(Changed(created.id), created.decided)


@put("/tags/{tag_id:str}", operation_id="UpdateTag", tags=["tags"])
async def update_tag(
    tag_id: FromPath[str], data: JSONBody[TagChange], request: AnyRequest, commands: FromApp
) -> Response[Changed]:
    """Change the properties that the body names."""
    command = UpdateTag(data.name, data.color, data.description, data.archived)
    decided = await tags.update_tag(commands.tools, caller_of(request), tag_id, command)
    return answered(Changed(tag_id), decided)


@delete("/tags/{tag_id:str}", status_code=200, operation_id="DeleteTag", tags=["tags"])
async def delete_tag(tag_id: FromPath[str], request: AnyRequest, commands: FromApp) -> Response[None]:
    """Remove the tag, from every run too."""
    decided = await tags.delete_tag(commands.tools, caller_of(request), tag_id)
    return answered(None, decided)


ROUTES: tuple[HTTPRouteHandler, ...] = (create_tag, update_tag, delete_tag)
