"""Reports of both UIs, as far as they work without a network: text is written, kept, changed, deleted.

What a report looks like is not walked: the pages draw one after they have loaded Pyodide from a host of others.
"""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_report_is_written_kept_changed_and_deleted(worker: Visitor) -> None:
    name = f"findings of {worker.ui}"
    worker.goes_to("/reports/new")
    _writes(worker, "Eureka")
    worker.clicks("Save")
    worker.writes(worker.page.get_by_label("Report Name"), name)
    worker.writes(worker.page.get_by_label("Report Description"), "for the meeting")
    worker.confirms("Save")
    expect(worker.page).to_have_url(re.compile(r"/reports/[0-9a-f-]{36}"))
    for _ in range(2):
        expect(worker.page.locator(".view-lines")).to_contain_text("Eureka")
        worker.reloads()
    worker.keep("edited")

    worker.goes_to("/reports")
    for _ in range(2):
        worker.sees(name)
        worker.sees("for the meeting")
        worker.reloads()
    worker.keep("listed")
    worker.page.get_by_role("link", name=name).click()
    worker.clicks("Edit")
    _writes(worker, "Alas")
    worker.clicks("Save")
    with worker.page.expect_response(lambda answer: answer.request.method == "PUT"):
        worker.confirms("Save")
    worker.reloads()
    expect(worker.page.locator(".view-lines")).to_contain_text("Alas")

    worker.goes_to("/reports")
    card = worker.page.get_by_role("link", name=name).locator("xpath=..")
    card.get_by_role("button").click()
    worker.page.get_by_text("Delete", exact=True).click()
    worker.confirms("Confirm")
    worker.does_not_see(name)
    worker.reloads()
    worker.does_not_see(name)


def _writes(worker: Visitor, text: str) -> None:
    worker.page.locator(".monaco-editor").first.click()
    worker.page.keyboard.press("ControlOrMeta+A")
    worker.page.keyboard.type(text)
