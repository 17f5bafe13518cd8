"""What the projector would have written of dashboards, apps and reports."""

from typing import Any

from tests.unit.query_api.world import NOW, World

from contracts import tables
from contracts.read_models import App, Content, Dashboard, Report, to_document
from contracts.trees import Tree, pack


async def dashboard(world: World, dashboard_id: str, app_id: str | None = None, **fields: Any) -> None:
    given = {"name": "a dashboard", "description": None, "created_at": NOW, "updated_at": NOW, **fields}
    await world.put(tables.DASHBOARDS, to_document(Dashboard(id=dashboard_id, version=1, app_id=app_id, **given)))


async def app(world: World, app_id: str, state: Tree = "{}", **fields: Any) -> None:
    """state: None for one whose content is gone already."""
    given = {"kind": "metrics", "created_at": NOW, "updated_at": NOW, **fields}
    await world.put(tables.APPS, to_document(App(id=app_id, version=1, **given)))
    if state is not None:
        await world.put(tables.APP_STATES, to_document(Content(id=app_id, version=1, packed=pack(state))))


async def report(world: World, report_id: str, code: Tree = None, **fields: Any) -> None:
    given = {"name": "a report", "description": None, "created_at": NOW, "updated_at": NOW, **fields}
    await world.put(tables.REPORTS, to_document(Report(id=report_id, version=1, **given)))
    await world.put(tables.REPORT_CODES, to_document(Content(id=report_id, version=1, packed=pack(code))))
