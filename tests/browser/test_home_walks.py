"""The home page and the sidebar of both UIs, and addresses opened from outside."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.runs_table import RunsTable
from tests.browser.showcase import EXPERIMENTS, GALLERY, LIVE, OTHER_LIVE, RUNS, SET_ASIDE
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_home_counts_runs_and_shows_the_year(visitor: Visitor) -> None:
    visitor.goes_to("/")
    for _ in range(2):
        visitor.sees(f"Total runs: {RUNS + 1}")  # the archived one too
        visitor.sees(f"Experiments ({len(EXPERIMENTS)})")
        visitor.sees("Active runs (2)")
        for run in (LIVE, OTHER_LIVE):
            expect(visitor.page.get_by_role("link", name=run).first).to_be_visible()
        expect(visitor.page.locator(".CalendarHeatmap__cell[title*=' 1 tracked run on']").first).to_be_visible()
        visitor.reloads()


def test_home_leads_to_archived_runs_and_to_a_days_runs(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    visitor.goes_to("/")
    visitor.sees(f"Total runs: {RUNS + 1}")
    visitor.page.get_by_text("Archived runs", exact=True).click()
    visitor.is_at("/runs")
    table.shows(SET_ASIDE)
    table.does_not_show(GALLERY)


def test_sidebar_leads_everywhere_and_each_address_can_be_reloaded(visitor: Visitor) -> None:
    visitor.goes_to("/")
    heading = visitor.page.get_by_role("heading", level=3).first
    for page in ("runs", "metrics", "params", "text", "images", "figures", "audios", "scatters", "bookmarks"):
        visitor.page.locator(f"a[href='{visitor.ui.base}/{page}']").first.click()
        visitor.is_at(f"/{page}")
        expect(heading).to_have_text(re.compile(page[:5], re.IGNORECASE))
        visitor.reloads()
        expect(heading).to_have_text(re.compile(page[:5], re.IGNORECASE))
