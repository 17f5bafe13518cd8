"""Bookmarks as people make them: an explorer is saved, found again after a reload, and opens as it was."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import RUNS

pytestmark = pytest.mark.browser

LINES = "path.Line"  # a curve of a chart
UIS = [pytest.param("", id="aim"), pytest.param("/matyan", id="matyan")]


@pytest.mark.parametrize("base", UIS)
def test_a_bookmarked_explorer_opens_as_it_was(page: Page, base: str) -> None:
    name = f"falling losses{base}"
    page.goto(f"{base}/metrics")
    page.get_by_role("button", name="Metrics").click()
    page.get_by_role("option", name="loss", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(LINES)).to_have_count(2 * RUNS)  # training and validation
    page.get_by_role("button", name="Bookmark").first.click()
    page.locator("#name").fill(name)
    with page.expect_response(lambda response: response.url.endswith("/dashboards")) as saved:
        page.get_by_role("button", name="Save").click()
    assert saved.value.status == 201
    app_id = saved.value.json()["app_id"]
    page.goto(f"{base}/bookmarks")
    page.reload()
    expect(page.get_by_text(name, exact=True).first).to_be_visible()
    page.get_by_role("link", name="View Bookmark").last.click()
    expect(page).to_have_url(re.compile(rf"{base}/metrics/{app_id}"))
    expect(page.locator(LINES)).to_have_count(2 * RUNS)
