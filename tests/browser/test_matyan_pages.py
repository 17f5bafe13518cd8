"""The Matyan UI on the same runs, below its own path."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import RUNS

pytestmark = pytest.mark.browser


def test_home_counts_what_was_logged(page: Page) -> None:
    page.goto("/matyan/")
    expect(page.get_by_text(f"Total runs: {RUNS}")).to_be_visible()
    expect(page.get_by_text("handwritten digits", exact=True).first).to_be_visible()


def test_runs_table_shows_the_runs(page: Page) -> None:
    page.goto("/matyan/runs")
    for family in ("boosting", "forest", "network"):
        expect(page.get_by_role("link", name=family).first).to_be_visible()
