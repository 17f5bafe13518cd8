"""The command on pinned sequences: row 65."""

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from command_api.application import pins
from command_api.http.shared import AnyRequest, FromApp, answered, caller_of
from contracts.events import PinnedSequence
from contracts.rest.catalog_commands import PinnedEntry, PinnedList


@post("/projects/pinned-sequences", status_code=200, operation_id="PinSequences", tags=["projects"])
async def pin_sequences(data: JSONBody[PinnedList], request: AnyRequest, commands: FromApp) -> Response[PinnedList]:
    """Replace the list of pinned sequences."""
    wanted = [PinnedSequence(entry.name, entry.context) for entry in data.sequences]
    kept, decided = await pins.pin_sequences(commands.tools, caller_of(request), wanted)
    return answered(PinnedList([PinnedEntry(one.name, one.context) for one in kept]), decided)


ROUTES: tuple[HTTPRouteHandler, ...] = (pin_sequences,)
