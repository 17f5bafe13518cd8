"""States of apps and codes of reports, which no fold remembers."""

import pytest
from tests.unit.projector.fold.builders import T0, at

from contracts import topics
from contracts.events import AppDeleted, AppSaved, DashboardSaved, Event, ReportDeleted, ReportSaved
from contracts.read_models import Content
from contracts.tables import APP_STATES, REPORT_CODES, Collection
from contracts.trees import Tree, pack, set_aside
from projector.projections.board_contents import rows_for
from projector.projections.removed import Removed

POSITION = at(4, topics.CATALOG)
CLAIM, _ = set_aside('{"large": 1}')


def content(entity_id: str, tree: Tree) -> Content:
    return Content(id=entity_id, version=POSITION.version, packed=pack(tree))


@pytest.mark.parametrize("state", ['{"a": 1.0}', CLAIM])
@pytest.mark.parametrize("new", [True, False])
def test_a_state_is_a_document_of_its_own(state: Tree, new: bool) -> None:
    event = AppSaved(app_id="p", new=new, kind="metrics", state=state, at=T0)
    assert rows_for(event, POSITION) == [(APP_STATES, content("p", state))]


@pytest.mark.parametrize("code", ["# words", "", CLAIM, None])
def test_a_new_report_has_a_code_also_if_it_is_none(code: Tree) -> None:
    event = ReportSaved(report_id="r", new=True, name="n", code=code, at=T0)
    assert rows_for(event, POSITION) == [(REPORT_CODES, content("r", code))]


def test_an_empty_code_replaces_one() -> None:
    assert rows_for(ReportSaved(report_id="r", code="", at=T0), POSITION) == [(REPORT_CODES, content("r", ""))]


@pytest.mark.parametrize(
    "event",
    [
        AppSaved(app_id="p", kind="board", at=T0),
        ReportSaved(report_id="r", name="m", at=T0),
        DashboardSaved(dashboard_id="d", new=True, name="n", at=T0),
    ],
)
def test_what_an_event_does_not_name_stays(event: Event) -> None:
    assert rows_for(event, POSITION) == []


@pytest.mark.parametrize(
    ("event", "collection"), [(AppDeleted(app_id="x"), APP_STATES), (ReportDeleted(report_id="x"), REPORT_CODES)]
)
def test_a_deletion_takes_the_document(event: Event, collection: Collection) -> None:
    assert rows_for(event, POSITION) == [(collection, Removed("x", POSITION.version))]
