"""What commands on dashboards, apps and reports share."""

from command_api.application.answers import Decided, carry_out
from command_api.application.claim_check import Claims, store_shared
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from contracts.events import CatalogEvent
from contracts.trees import clean_text

NOT_FOUND = "Not Found"


def cleaned(text: str | None) -> str | None:
    """None is what the caller leaves as it is."""
    return None if text is None else clean_text(text)


def kept(given: str | None, before: str | None) -> str | None:
    """The text after a change in which None leaves it as it is."""
    return before if given is None else given


async def save(tools: Tools, caller: Caller, event: CatalogEvent, claims: Claims | None = None) -> Decided:
    """claims: what was set aside of the event. Raises NotFound or BadRequest where the log decided otherwise."""
    if claims is not None:
        await store_shared(tools.blobs, claims.blobs)
    return await carry_out(tools, caller, [ToAppend(event)], missing=NOT_FOUND)
