"""The tags page of both UIs: create, colour, rename, hide, delete, and the runs of a tag."""

import time

import httpx
import pytest
from playwright.sync_api import Locator, expect
from tests.browser.showcase import log, short_run
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_runs_of_a_tag_are_listed(visitor: Visitor) -> None:
    visitor.goes_to("/tags")
    _row(visitor, "baseline").click()
    drawer = visitor.page.locator(".TagDetail")
    for name in ("trial 00", "trial 40"):
        expect(drawer.get_by_text(name, exact=True)).to_be_visible()


def test_tag_is_created_coloured_renamed_hidden_shown_and_deleted(worker: Visitor, desk: httpx.Client) -> None:
    name, run = f"fresh {worker.ui}", f"tagged-{worker.ui}"
    log(desk, run, short_run(run, "tagging", time.time() - 900))
    worker.goes_to("/tags")
    worker.clicks("Create Tag")
    worker.writes(worker.page.get_by_placeholder("Name", exact=True), name)
    worker.writes(worker.page.get_by_placeholder("Comment"), "made by hand")
    worker.page.locator(".TagForm__tagFormContainer__colorContainer__colorBox__colorButton").nth(2).click()
    worker.keep("form")
    worker.clicks("Create")
    for _ in range(2):
        worker.sees(name)
        worker.sees("made by hand")
        worker.reloads()
    coloured = worker.page.locator(".Badge").filter(has_text=name)
    colour = coloured.evaluate("badge => getComputedStyle(badge).borderColor")
    assert colour != worker.page.locator(".Badge").filter(has_text="baseline").evaluate(
        "badge => getComputedStyle(badge).borderColor"
    )

    renamed = f"{name} again"
    _points_at(worker, name, "icon-edit")
    worker.writes(worker.page.get_by_placeholder("Name", exact=True), renamed)
    worker.clicks("Save")
    for _ in range(2):
        worker.sees(renamed)
        worker.reloads()
    worker.keep("renamed")

    _points_at(worker, renamed, "icon-eye-outline-hide")
    worker.confirms("Hide")
    worker.does_not_see(renamed)
    worker.opens_tab("Hidden Tags")
    worker.sees(renamed)
    worker.reloads()
    worker.opens_tab("Hidden Tags")
    worker.keep("hidden")
    _points_at(worker, renamed, "icon-eye-show-outline")
    worker.confirms("Bring back")
    worker.opens_tab("Tags")
    worker.sees(renamed)

    _points_at(worker, renamed, "icon-delete")
    worker.page.get_by_role("dialog").get_by_label("Name").fill(renamed)  # it wants the name once more
    worker.confirms("Delete")
    worker.does_not_see(renamed)
    worker.reloads()
    worker.sees("baseline")
    worker.does_not_see(renamed)


def _row(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".BaseTable__row").filter(has=visitor.page.get_by_text(name, exact=True))


def _points_at(visitor: Visitor, name: str, sign: str) -> None:
    row = _row(visitor, name)
    row.hover()
    row.locator(f".{sign}").click()
