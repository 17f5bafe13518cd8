"""The runs explorer of both UIs: columns, order, queries, endless scrolling, and what is done to many runs at once."""

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser.runs_table import RunsTable
from tests.browser.showcase import GALLERY, LIVE, TRIALS, log, short_run
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_every_run_is_reached_by_scrolling(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    table.opens()
    table.shows(GALLERY)
    visitor.keep("top")
    last = "trial 00" if not visitor.ui.sorts else f"trial {TRIALS - 1}"
    for _ in range(3):
        table.scrolls_to_the_end()
        visitor.page.wait_for_timeout(500)
    table.shows(last)
