"""Bookmarks of both UIs: the state of an explorer is saved, opened again, changed and deleted."""

import pytest
from playwright.sync_api import expect
from tests.browser.explorer import Explorer
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FEW = "run.seed >= 44"
CURVES = 6


def test_bookmark_keeps_the_state_of_an_explorer(worker: Visitor) -> None:
    name = f"losses of {worker.ui}"
    explorer = Explorer(worker, "/metrics", "Metrics")
    explorer.draws('loss subset="val"', query=FEW)
    expect(explorer.lines()).to_have_count(CURVES)
    worker.clicks("Bookmark")
    worker.writes(worker.page.get_by_label("Bookmark Name"), name)
    worker.writes(worker.page.get_by_label("Bookmark Description"), "the last six")
    worker.confirms("Save")
    worker.goes_to("/bookmarks")
    for _ in range(2):
        worker.sees(name)
        worker.sees("the last six")
        worker.reloads()
    worker.keep("listed")

    card = worker.page.locator(".BookmarkCard").filter(has_text=name)
    card.get_by_role("button", name="View Bookmark").click()
    expect(explorer.lines()).to_have_count(CURVES)
    worker.reloads()
    expect(explorer.lines()).to_have_count(CURVES)
    worker.keep("opened")

    worker.goes_to("/")
    worker.sees(name)  # the home page lists bookmarks
    worker.goes_to("/bookmarks")
    card.locator(".BookmarkCard__delete button").click()
    worker.confirms("Delete")
    worker.does_not_see(name)
    worker.reloads()
    expect(worker.page.get_by_role("heading", level=3).first).to_be_visible()
    worker.does_not_see(name)
