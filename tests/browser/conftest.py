"""The demo's data in a running product, and headless Chromium that looks at it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.browser.watching import Watch
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product, product_on, running
from tests.servers.requirements import require_tool

RUNS = 20
EPOCHS = 8

_PATIENCE_MILLISECONDS = 30_000
_FADING_MILLISECONDS = 1_000  # for the picture alone
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


@pytest.fixture
def page(browser: Browser, demo: Product, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new visitor's window. Afterwards a picture is kept, and nothing may have gone wrong that is our doing."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, base_url=demo.url)
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    page = context.new_page()
    watch = Watch(page, demo.url)
    yield page
    _SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(_FADING_MILLISECONDS)
    page.screenshot(path=_SCREENSHOTS / f"{request.path.stem}-{request.node.name}.png")
    context.close()
    assert watch.our_faults == []
