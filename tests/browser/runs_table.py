"""The runs explorer as the person in front of it knows it: rows, boxes to tick, what is done to ticked rows."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, expect
from tests.browser.visitor import Visitor

_ROW = re.compile(r"rowKey-\S+")


@dataclass(frozen=True)
class RunsTable:
    visitor: Visitor

    def opens(self) -> None:
        self.visitor.goes_to("/runs")
        expect(self._names().first).to_be_visible()

    def finds(self, query: str) -> None:
        self.visitor.types_query(query)
        self.visitor.searches("run")

    def shows(self, *names: str) -> None:
        for name in names:
            expect(self._name(name)).to_be_visible()

    def does_not_show(self, *names: str) -> None:
        for name in names:
            expect(self._name(name)).to_have_count(0)

    def begins_with(self, *names: str) -> None:
        """These runs on top, in this order."""
        for index, name in enumerate(names):
            expect(self.visitor.page.locator(f".Table__cell.index-{index}.run")).to_have_text(name)

    def scrolls_until_it_shows(self, name: str) -> None:
        """Page after page; the table holds only rows near the window."""
        self._names().first.hover()
        for _ in range(30):
            if self._name(name).count():
                break
            self.visitor.page.mouse.wheel(0, 600)
            expect(self._names().first).to_be_visible()
        expect(self._name(name)).to_be_visible()

    def ticks(self, *names: str) -> None:
        for name in names:
            cell = self.visitor.page.locator(".Table__cell.run").filter(has=self._name(name))
            row = _ROW.search(cell.get_attribute("class") or "")
            assert row is not None
            self.visitor.page.locator(f".Table__cell.selection.{row.group()} input").click()
        self.visitor.sees(f"{len(names)} Selected")

    def does_to_ticked(self, deed: str) -> None:
        """Archive, Unarchive, Delete, Stop: by the button above the table, then in the dialog that asks again."""
        self.visitor.page.locator(".selectedRowActionsContainer").get_by_role("button", name=deed).click()
        dialog = self.visitor.page.get_by_role("dialog")
        with self.visitor.page.expect_response("**/runs/search/run**"):
            dialog.get_by_role("button", name=re.compile(rf"^\W*{deed}\W*$")).last.click()
        expect(dialog).to_have_count(0)

    def opens_run(self, name: str) -> None:
        self._name(name).click()

    def is_marked(self, name: str, state: str) -> None:
        """In Progress or Finished."""
        cell = self.visitor.page.locator(".Table__cell.run").filter(has=self._name(name))
        expect(cell.locator(f"[title='{state}']")).to_be_visible()

    def _names(self) -> Locator:
        return self.visitor.page.locator(".RunNameColumn__runName a")

    def _name(self, name: str) -> Locator:
        return self._names().get_by_text(name, exact=True)
