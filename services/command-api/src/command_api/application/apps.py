"""Commands on apps, the saved states of explorers: rows 73, 75 and 76 of the REST contract."""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from command_api.application.answers import Decided
from command_api.application.claim_check import Claims
from command_api.application.lookups import OF_CATALOG, existing
from command_api.application.ports import Caller, Tools
from command_api.application.saved_pages import NOT_FOUND, cleaned, kept, save
from contracts.errors import ValidationFailed
from contracts.events import AppDeleted, AppSaved
from contracts.read_models import App
from contracts.trees import clean_text
from stores.boards import ShownApp


class ChangeApp(msgspec.Struct, frozen=True):
    """None leaves a property as it is. state: text of a JSON object, which replaces the whole one."""

    kind: str | None = None
    state: str | None = None


class SavedApp(NamedTuple):
    """The app as it is now."""

    shown: ShownApp
    decided: Decided


def object_text(json: bytes) -> str:
    """The text of a JSON value that must be an object. Raises ValidationFailed."""
    # It is kept as it came, since a reading and writing of it would change integers beyond 64 bits and the like.
    if not json.startswith(b"{"):
        raise ValidationFailed("state: Expected `object`")
    try:
        return json.decode()
    except UnicodeDecodeError:
        raise ValidationFailed("state: not UTF-8") from None


async def create_app(tools: Tools, caller: Caller, kind: str, state: str) -> SavedApp:
    """state: text of a JSON object."""
    kind, claims, app_id, now = clean_text(kind), Claims(), tools.new_id(), tools.clock()
    event = AppSaved(app_id=app_id, new=True, kind=kind, state=claims.value(state), at=now)
    decided = await save(tools, caller, event, claims)
    made = App(id=app_id, version=0, kind=kind, created_at=now, updated_at=now)
    return SavedApp(ShownApp(made, state), decided)


async def change_app(tools: Tools, caller: Caller, app_id: str, command: ChangeApp) -> SavedApp:
    """A change of nothing is one too: the time of the last change moves. Raises NotFound."""
    before = await _before(tools, app_id, command.state)
    kind, claims, now = cleaned(command.kind), Claims(), tools.clock()
    event = AppSaved(app_id=app_id, kind=kind, state=claims.value(command.state), at=now)
    decided = await save(tools, caller, event, claims)
    after = replace(before.entry, kind=kept(kind, before.entry.kind), updated_at=now)
    return SavedApp(ShownApp(after, before.state), decided)


async def _before(tools: Tools, app_id: str, state: str | None) -> ShownApp:
    """The app with the state that it has after the change; one that goes is not read, since it may be large."""
    if state is not None:
        return ShownApp(await _existing(tools, app_id), state)
    return await existing(tools, [OF_CATALOG], lambda: tools.views.app_with_state(app_id), NOT_FOUND)


async def delete_app(tools: Tools, caller: Caller, app_id: str) -> Decided:
    """The dashboards that show it are archived with it. Raises NotFound."""
    await _existing(tools, app_id)
    return await save(tools, caller, AppDeleted(app_id=app_id))


async def _existing(tools: Tools, app_id: str) -> App:
    """Without its state. Raises NotFound."""
    return await existing(tools, [OF_CATALOG], lambda: tools.views.app(app_id), NOT_FOUND)
