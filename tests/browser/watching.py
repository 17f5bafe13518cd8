"""What goes wrong while a page is open, and which of it has causes outside of the product."""

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response

KNOWN_ERRORS = {
    # The pages load Pyodide (for Python in reports) from a host that tests do not reach, and call it without a check.
    "window.loadPyodide is not a function",
    # The home page asks GitHub for the UI's newest releases, and does not catch that there is no network.
    "Failed to fetch",
    # The audios explorer starts its player at the click that fetches the bytes, and puts another in its place when
    # they are there.
    "The play() request was interrupted because the media was removed from the document. https://goo.gl/LdLk22",
    # A tab that is left gives up what it still reads, and does not catch that. Only a page's own `abort()` says so.
    "signal is aborted without reason",
}
"""Errors thrown in a page, as a visitor without a network gets them."""

LEAVES_EDITORS_QUIETLY = """
addEventListener("unhandledrejection", (event) => {
    if (event.reason?.type === "cancelation") event.preventDefault();
});
"""
"""Runs in every page. Who leaves an explorer before its editor has loaded makes the editor's loader reject an object of
this type, which the page catches nowhere."""

_LOWEST_FAULT = 400
_GIVEN_UP_BY_THE_PAGE = "net::ERR_ABORTED"
_CHANGING = {"POST", "PUT", "DELETE"}
_POLL_MILLISECONDS = 20
_LONGEST_POLLS = 1_500


class Watch:
    """Collects from the moment it is made. `our_faults` is empty if nothing went wrong that we cause.

    refusals: statuses that a walk provokes.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.our_faults: list[str] = []
        self.refusals: set[int] = set()
        self._host = urlsplit(url).netloc
        self._page = page
        self._changes: set[Request] = set()
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_end)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)
        page.on("requestfailed", self._on_failed_request)
        page.on("response", self._on_response)

    def wait_for_answers(self) -> None:
        """Until what the page wants changed was answered: both UIs show it before, and who leaves then gives it up."""
        for _ in range(_LONGEST_POLLS):
            if not self._changes:
                return
            self._page.wait_for_timeout(_POLL_MILLISECONDS)
        raise AssertionError(f"no answer to {[request.url for request in self._changes]}")

    def _is_ours(self, url: str) -> bool:
        return urlsplit(url).netloc == self._host

    def _on_request(self, request: Request) -> None:
        if self._is_ours(request.url) and request.method in _CHANGING:
            self._changes.add(request)

    def _on_end(self, request: Request) -> None:
        self._changes.discard(request)

    def _on_console(self, message: ConsoleMessage) -> None:
        # What names another host could not be loaded from there; every other error is about us.
        source = message.location["url"]
        refused = any(f"status of {status} " in message.text for status in self.refusals)
        if message.type == "error" and (self._is_ours(source) or not source) and not refused:
            self.our_faults.append(f"console: {message.text} ({source})")

    def _on_error(self, error: Error) -> None:
        if error.message not in KNOWN_ERRORS:
            self.our_faults.append(f"thrown: {error.message}")

    def _on_failed_request(self, request: Request) -> None:
        if self._is_ours(request.url) and request.failure != _GIVEN_UP_BY_THE_PAGE:
            self.our_faults.append(f"failed: {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if self._is_ours(response.url) and response.status >= _LOWEST_FAULT and response.status not in self.refusals:
            self.our_faults.append(f"status {response.status}: {response.url}")
