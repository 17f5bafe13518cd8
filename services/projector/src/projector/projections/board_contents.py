"""Views `app_states` and `report_codes`: one document for each app and each report, as large as what was saved."""

from contracts.events import AppDeleted, AppSaved, Event, ReportDeleted, ReportSaved
from contracts.position import Position
from contracts.read_models import Content
from contracts.tables import APP_STATES, REPORT_CODES, Collection
from contracts.trees import Tree, pack
from projector.projections.removed import Removed


def rows_for(event: Event, position: Position) -> list[tuple[Collection, Content | Removed]]:
    """Of an accepted event. One that says nothing of a content, or that leaves it as it is, gives no rows."""
    version = position.version
    if isinstance(event, AppSaved) and event.state is not None:
        return [(APP_STATES, _content(event.app_id, version, event.state))]
    if isinstance(event, ReportSaved) and (event.new or event.code is not None):
        return [(REPORT_CODES, _content(event.report_id, version, event.code))]
    if isinstance(event, AppDeleted):
        return [(APP_STATES, Removed(event.app_id, version))]
    if isinstance(event, ReportDeleted):
        return [(REPORT_CODES, Removed(event.report_id, version))]
    return []


def _content(entity_id: str, version: int, content: Tree) -> Content:
    return Content(id=entity_id, version=version, packed=pack(content))
