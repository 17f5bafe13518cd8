"""Commands on dashboards: rows 68, 70 and 71 of the REST contract."""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from command_api.application.answers import Decided
from command_api.application.lookups import OF_CATALOG, existing, sought
from command_api.application.ports import Caller, Tools
from command_api.application.saved_pages import NOT_FOUND, cleaned, kept, save
from contracts.errors import BadRequest
from contracts.events import DashboardArchived, DashboardSaved
from contracts.read_models import Dashboard
from contracts.trees import clean_text
from stores.boards import ShownDashboard

APP_NOT_FOUND = "App not found"


class CreateDashboard(msgspec.Struct, frozen=True):
    """app_id: of the app that it shows."""

    name: str
    description: str | None = None
    app_id: str | None = None


class ChangeDashboard(msgspec.Struct, frozen=True):
    """None leaves a property as it is."""

    name: str | None = None
    description: str | None = None


class SavedDashboard(NamedTuple):
    """The dashboard as it is now."""

    shown: ShownDashboard
    decided: Decided


async def create_dashboard(tools: Tools, caller: Caller, command: CreateDashboard) -> SavedDashboard:
    """Raises BadRequest for an app that is not there, also where it was deleted before this in the log."""
    app_id = command.app_id
    app = None if app_id is None else await sought(tools, [OF_CATALOG], lambda: tools.views.app(app_id))
    if app_id is not None and app is None:
        raise BadRequest(APP_NOT_FOUND)
    name, description = clean_text(command.name), cleaned(command.description)
    dashboard_id, now = tools.new_id(), tools.clock()
    event = DashboardSaved(
        dashboard_id=dashboard_id, new=True, name=name, description=description, app_id=app_id, at=now
    )
    decided = await save(tools, caller, event)
    made = Dashboard(
        id=dashboard_id,
        version=0,
        name=name,
        description=description,
        app_id=app_id,
        created_at=now,
        updated_at=now,
    )
    return SavedDashboard(ShownDashboard(made, None if app is None else app.kind), decided)


async def change_dashboard(tools: Tools, caller: Caller, dashboard_id: str, command: ChangeDashboard) -> SavedDashboard:
    """A change of nothing is one too: the time of the last change moves. Raises NotFound."""
    before = await _existing(tools, dashboard_id)
    name, description, now = cleaned(command.name), cleaned(command.description), tools.clock()
    event = DashboardSaved(dashboard_id=dashboard_id, name=name, description=description, at=now)
    decided = await save(tools, caller, event)
    after = replace(
        before.entry,
        name=kept(name, before.entry.name),
        description=kept(description, before.entry.description),
        updated_at=now,
    )
    return SavedDashboard(ShownDashboard(after, before.app_kind), decided)


async def archive_dashboard(tools: Tools, caller: Caller, dashboard_id: str) -> Decided:
    """For ever; its app is kept. Raises NotFound, also for one that is archived."""
    await _existing(tools, dashboard_id)
    return await save(tools, caller, DashboardArchived(dashboard_id=dashboard_id))


async def _existing(tools: Tools, dashboard_id: str) -> ShownDashboard:
    return await existing(tools, [OF_CATALOG], lambda: tools.views.dashboard(dashboard_id), NOT_FOUND)
