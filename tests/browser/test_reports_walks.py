"""Reports of both UIs, as far as they work without a network: text is written, kept, changed, deleted."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_report_is_written_kept_changed_and_deleted(worker: Visitor) -> None:
    name = f"findings of {worker.ui}"
    worker.goes_to("/reports/new")
    _writes(worker, "# We found it\n\nNot much, though.")
    worker.clicks("Save")
    worker.writes(worker.page.get_by_label("Report Name"), name)
    worker.writes(worker.page.get_by_label("Report Description"), "for the meeting")
    worker.confirms("Save")
    expect(worker.page).to_have_url(re.compile(r"/reports/[0-9a-f-]{36}"))
    worker.reloads()
    worker.sees("We found it")
    worker.keep("shown")

    worker.goes_to("/reports")
    for _ in range(2):
        worker.sees(name)
        worker.sees("for the meeting")
        worker.reloads()
    worker.keep("listed")
    worker.page.get_by_role("link", name=name).click()
    worker.clicks("Edit")
    _writes(worker, "# We lost it")
    worker.clicks("Save")
    worker.confirms("Save")
    worker.reloads()
    worker.sees("We lost it")

    worker.goes_to("/reports")
    card = worker.page.get_by_role("link", name=name).locator("xpath=..")
    card.get_by_role("button").click()
    worker.page.get_by_text("Delete", exact=True).click()
    worker.confirms("Delete")
    worker.does_not_see(name)
    worker.reloads()
    worker.does_not_see(name)


def _writes(worker: Visitor, text: str) -> None:
    worker.page.locator(".monaco-editor").first.click()
    worker.page.keyboard.press("ControlOrMeta+A")
    worker.page.keyboard.type(text)
