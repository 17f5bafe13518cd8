"""A person in front of one of the two UIs: goes to pages, clicks what has a name, waits for what should appear.

Both UIs are unmodified and have the same roots, so most of what a person does is the same in both. What differs stands
in `Interface`; what belongs to one screen stands in modules of their own, which work on a `Visitor`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, Response, expect
from tests.browser.watching import Watch

_FADING_MILLISECONDS = 400  # for pictures alone: drawers and dialogs move that long
_ERROR_TOASTS = ".MuiAlert-filledError, .MuiAlert-outlinedError, .MuiAlert-standardError"
_ALL_DECODED = """frames => [...document.querySelectorAll(frames)].every(frame => {
    const picture = frame.querySelector("img")
    return picture && picture.complete && picture.naturalWidth > 0
})"""


@dataclass(frozen=True)
class Interface:
    """base: the path that it lives below. sorts: does its runs table sort on the server, and stop runs."""

    name: str
    base: str
    sorts: bool

    def __str__(self) -> str:
        return self.name


AIM = Interface("aim", "", sorts=False)
MATYAN = Interface("matyan", "/matyan", sorts=True)


@dataclass(frozen=True)
class Visitor:
    """pictures: where `keep` puts them. story: the name of what is walked, first part of a picture's name.
    watch: what went wrong so far."""

    page: Page
    ui: Interface
    pictures: Path
    story: str
    watch: Watch

    def expects_refusal(self, status: int) -> None:
        """From now on the server may answer so, because what the person does is wrong on purpose."""
        self.watch.refusals.add(status)

    def goes_to(self, path: str) -> None:
        """By its address, as from a link that somebody sent."""
        self.watch.wait_for_answers()
        self.page.goto(self.ui.base + path)

    def reloads(self) -> None:
        self.watch.wait_for_answers()
        self.page.reload()

    def is_at(self, path: str) -> None:
        """Waits until the address is that, whatever state it carries behind `?`."""
        expect(self.page).to_have_url(re.compile(rf"://[^/]+{re.escape(self.ui.base + path)}(\?.*)?$"))

    def clicks(self, name: str) -> None:
        self.button(name).click()

    def button(self, name: str) -> Locator:
        """The first one called so. Its icons belong to its name, as signs of a private font."""
        wanted = re.compile(rf"(^|\W){re.escape(name)}\W*$", re.IGNORECASE)
        return self.page.get_by_role("button", name=wanted).first

    def opens_tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def sees(self, text: str) -> None:
        """Somewhere on the page; not more than that, and not twice."""
        expect(self.page.get_by_text(text, exact=True).filter(visible=True).first).to_be_visible()

    def does_not_see(self, text: str) -> None:
        expect(self.page.get_by_text(text, exact=True).filter(visible=True)).to_have_count(0)

    def writes(self, place: Locator, text: str) -> None:
        """Instead of what stood there."""
        place.click()
        place.fill(text)

    def confirms(self, name: str) -> None:
        """The button of the dialog that is open, which then closes."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=re.compile(rf"^\W*{name}\W*$")).click()
        expect(dialog).to_have_count(0)

    def names_and_describes(self, name: str, description: str) -> None:
        """On a settings tab."""
        card = self.page.locator(".NameAndDescriptionCard")
        self.writes(card.locator("input"), name)
        self.writes(card.locator("textarea:not([aria-hidden])"), description)
        with self.page.expect_response(lambda answer: answer.request.method == "PUT"):
            self.clicks("Save")

    def writes_note(self, text: str) -> None:
        """Instead of the note that stands there, and saves it."""
        self.page.locator(".ProseMirror").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)
        with self.page.expect_response(_saves_a_note):
            self.clicks("Save")
        expect(self.button("Save")).to_be_disabled()

    def types_query(self, query: str) -> None:
        """Into the editor with the coloured text, instead of what stood there."""
        expect(self.page.locator(".monaco-editor").first).to_be_visible()
        self.page.locator(".AutocompleteInput").first.click()
        expect(self.page.locator(".monaco-editor.focused")).to_be_visible()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(query)
        self.page.keyboard.press("Escape")  # the list of suggestions
        written = self.page.locator(".monaco-editor .view-lines").first
        expect(written).to_have_text(re.compile(re.escape(query).replace(r"\ ", r"\s")))

    def searches(self, what: str = "") -> Response:
        """Presses the button; ends when the server has answered."""
        with self.page.expect_response(re.compile(rf"/runs/search/{what}")) as answer:
            self.clicks("Search")
        return answer.value

    def waits_for_pictures(self, frames: str) -> None:
        """At least one, and in every frame that is there a picture has arrived that could be decoded."""
        expect(self.page.locator(frames).first).to_be_visible()
        self.page.wait_for_function(_ALL_DECODED, arg=frames)

    def keep(self, name: str) -> None:
        """A picture to look at. None shows an error."""
        self.page.wait_for_timeout(_FADING_MILLISECONDS)
        self.page.screenshot(path=self.pictures / f"{self.story}-{name}.png")
        expect(self.page.locator(_ERROR_TOASTS)).to_have_count(0)


def _saves_a_note(answer: Response) -> bool:
    """Unlike other answers about notes: the page also asks for those that there are."""
    return "/note" in answer.url and answer.request.method in {"POST", "PUT"}
