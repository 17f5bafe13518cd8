"""The explorers as the person in front of them knows them: what is looked for, how it is drawn, the table below."""

from dataclasses import dataclass

from playwright.sync_api import Locator, expect
from tests.browser.visitor import Visitor

LINES = "path.Line"

_BESIDE_POPOVERS = (700, 5)


@dataclass(frozen=True)
class Explorer:
    """path: its address. chooser: the name of the button that lists what can be drawn."""

    visitor: Visitor
    path: str
    chooser: str

    def opens(self) -> None:
        self.visitor.goes_to(self.path)

    def chooses(self, *names: str) -> None:
        self.visitor.clicks(self.chooser)
        for name in names:
            self.visitor.page.get_by_role("option", name=name, exact=True).first.click()
        self.visitor.page.keyboard.press("Escape")

    def draws(self, *names: str, query: str = "") -> None:
        """Opened, chosen, narrowed, and searched for."""
        self.opens()
        self.chooses(*names)
        if query:
            self.visitor.types_query(query)
        self.visitor.searches()

    def uses(self, control: str) -> None:
        """One of the signs to the right of the chart, by what it says when pointed at."""
        self.visitor.page.locator(f".Controls__anchor[title='{control}']").click()

    def closes_popover(self) -> None:
        """By a click beside it."""
        self.visitor.page.mouse.click(*_BESIDE_POPOVERS)
        expect(self.visitor.page.locator(".MuiPopover-paper")).to_have_count(0)

    def groups_by(self, field: str, way: str) -> None:
        """way: color, stroke, chart or row."""
        self.visitor.page.get_by_title(f"Group by {way}", exact=True).click()
        self.visitor.page.get_by_placeholder("Select fields").click()
        self.visitor.page.get_by_role("option", name=field, exact=True).click()
        self.closes_popover()

    def aligns_by(self, metric: str) -> None:
        """The x axis; the server is asked which points belong together."""
        self.uses("Axes properties")
        self.visitor.page.locator(".AxesPropsPopover__alignment").get_by_role("button", name="Open").click()
        with self.visitor.page.expect_response("**/search/metric/align**"):
            self.visitor.page.get_by_role("option", name=metric, exact=True).click()
        self.closes_popover()

    def lines(self) -> Locator:
        return self.visitor.page.locator(LINES)

    def shape(self) -> str:
        """Of the first curve, as SVG has it."""
        drawn = self.lines().first.get_attribute("d")
        assert drawn is not None
        assert "NaN" not in drawn
        return drawn

    def waits_for_another_shape(self, than: str) -> None:
        expect(self.lines().first).not_to_have_attribute("d", than)

    def narrows_steps(self, to: int) -> None:
        """Moves the right end of the slider below the pictures from the last step to `to`, and asks again."""
        ends = self.visitor.page.locator(".RangePanel, .ImagesExploreRangePanel").get_by_role("slider")
        end = ends.nth(1)
        end.focus()
        while int(end.get_attribute("aria-valuenow") or 0) > to:
            self.visitor.page.keyboard.press("ArrowLeft")
        with self.visitor.page.expect_response(lambda answer: "/runs/search/" in answer.url):
            self.visitor.clicks("Apply")
