"""The runs explorer, as the person in front of it knows it: rows, boxes to tick, headers of columns."""

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
        expect(self.visitor.page.get_by_text("Processing...")).to_be_hidden()

    def shows(self, name: str) -> None:
        expect(self._name(name)).to_be_visible()

    def does_not_show(self, name: str) -> None:
        expect(self._name(name)).to_have_count(0)

    def begins_with(self, *names: str) -> None:
        """These runs on top, in this order."""
        for index, name in enumerate(names):
            expect(self.visitor.page.locator(f".Table__cell.index-{index}.run")).to_have_text(name)

    def ticks(self, *names: str) -> None:
        for name in names:
            row = _ROW.search(self._cell(name).get_attribute("class") or "")
            assert row is not None
            self.visitor.page.locator(f".Table__cell.selection.{row.group()} input").click()
        expect(self.visitor.page.get_by_text(f"{len(names)} Selected")).to_be_visible()

    def scrolls_to_the_end(self) -> None:
        """Of what is loaded: the last row stands in the window."""
        self.visitor.page.locator(".Table__container, .CustomTable").last.hover()
        self.visitor.page.mouse.wheel(0, 20_000)

    def opens_run(self, name: str) -> None:
        self._name(name).click()

    def _names(self) -> Locator:
        return self.visitor.page.locator(".RunNameColumn__runName a")

    def _name(self, name: str) -> Locator:
        return self._names().get_by_text(name, exact=True)

    def _cell(self, name: str) -> Locator:
        return self.visitor.page.locator(".Table__cell.run").filter(has=self._name(name))
