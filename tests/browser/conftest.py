"""Projects in a running product, and headless Chromium that looks at them."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.browser.showcase import log_showcase
from tests.browser.visitor import AIM, MATYAN, Interface, Visitor
from tests.browser.watching import LEAVES_EDITORS_QUIETLY, Watch
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product, product_on, running
from tests.servers.requirements import require_tool

RUNS = 20
EPOCHS = 8

_PATIENCE_MILLISECONDS = 30_000
_FADING_MILLISECONDS = 1_000  # for the picture alone
# Runs that go on have no client here that says so now and then, and must still go on when the last walk looks at them.
_PATIENT = {"TALLYBOOK_STALE_SECONDS": "86400"}
_SCREENSHOTS = Path(__file__).resolve().parents[2] / ".cache" / "screenshots"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but the product: the pages name hosts of others, and tests must not depend on them.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def demo() -> Iterator[Product]:
    """RUNS classifiers, trained and logged by `tallybook demo`."""
    folder = Path(tempfile.mkdtemp(prefix="tb-"))
    try:
        with running(product_on(folder / "data")) as product:
            filled = tallybook("demo", "--data", product.data, "--runs", str(RUNS), "--epochs", str(EPOCHS))
            assert filled.returncode == 0, filled.stderr
            yield product
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = require_tool(["chromium", "chromium-browser"], "on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def showcase() -> Iterator[Product]:
    """A project with something for every screen. Nobody changes anything in it."""
    with _project() as product:
        yield product


@pytest.fixture(scope="module")
def workshop() -> Iterator[Product]:
    """The same project again, for walks that change it; what one walk changes, no other looks at."""
    with _project() as product:
        yield product


@contextmanager
def _project() -> Iterator[Product]:
    folder = Path(tempfile.mkdtemp(prefix="tb-"))
    try:
        with running(product_on(folder / "data", _PATIENT)) as product:
            log_showcase(product.url, time.time())
            yield product
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=[AIM, MATYAN], ids=str)
def ui(request: pytest.FixtureRequest) -> Interface:
    chosen: Interface = request.param
    return chosen


@pytest.fixture
def page(browser: Browser, demo: Product, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new visitor's window. Afterwards a picture is kept, and nothing may have gone wrong that is our doing."""
    with _window(browser, demo) as (page, _):
        yield page
        page.wait_for_timeout(_FADING_MILLISECONDS)
        page.screenshot(path=_SCREENSHOTS / f"{_story(request)}.png")


@pytest.fixture
def visitor(browser: Browser, showcase: Product, ui: Interface, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Looks at the showcase."""
    with _window(browser, showcase) as (page, watch):
        person = Visitor(page, ui, _SCREENSHOTS, _story(request), watch)
        yield person
        person.keep("end")


@pytest.fixture
def worker(browser: Browser, workshop: Product, ui: Interface, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Changes things in the workshop."""
    with _window(browser, workshop) as (page, watch):
        person = Visitor(page, ui, _SCREENSHOTS, _story(request), watch)
        yield person
        person.keep("end")


@pytest.fixture
def desk(workshop: Product) -> Iterator[httpx.Client]:
    """What a script would write to the workshop with."""
    with httpx.Client(base_url=workshop.url, timeout=30) as client:
        yield client


@contextmanager
def _window(browser: Browser, product: Product) -> Iterator[tuple[Page, Watch]]:
    """A new one, without the invitation that covers the page. Nothing went wrong in it that is our doing."""
    _SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": 1400, "height": 900}, base_url=product.url)
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    context.add_init_script("localStorage.setItem('communityPopupSeen', 'true')")
    context.add_init_script(LEAVES_EDITORS_QUIETLY)
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    page = context.new_page()
    watch = Watch(page, product.url)
    yield page, watch
    context.close()
    assert watch.our_faults == []


def _story(request: pytest.FixtureRequest) -> str:
    return f"{request.path.stem}-{request.node.name}"
