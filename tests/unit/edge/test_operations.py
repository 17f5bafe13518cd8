import httpx
import pytest
from litestar import get
from tests.unit.edge.probe import edge

from stores.errors import StoreUnavailable


async def good() -> None:
    return


async def bad() -> None:
    raise StoreUnavailable("the store does not answer")


async def silent() -> None:
    raise TimeoutError


async def test_the_process_is_alive(client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/health/live/"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_it_is_ready_when_every_dependency_is() -> None:
    async with edge(checks={"log": good}) as client:
        answer = await client.get("/health/ready/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"log": "ok"}})


async def test_it_is_degraded_when_one_is_not_and_says_why() -> None:
    async with edge(checks={"log": good, "documents": bad, "columns": silent}) as client:
        answer = await client.get("/health/ready")
    checks = {"log": "ok", "documents": "the store does not answer", "columns": "TimeoutError"}
    assert (answer.status_code, answer.json()) == (503, {"status": "degraded", "checks": checks})


async def test_metrics_are_text_for_everybody_where_no_ui_has_the_path(client: httpx.AsyncClient) -> None:
    await client.get("/api/things/1")
    answer = await client.get("/metrics/", headers={"Accept": "text/html"})
    assert answer.headers.get_list("Content-Type") == ["text/plain; version=0.0.4; charset=utf-8"]
    assert answer.headers["Vary"] == "Accept"
    assert 'path="/api/things/{number}"' in answer.text
    assert "/api/things/1" not in answer.text


async def test_metrics_are_the_uis_page_for_browsers_only() -> None:
    async with edge(page=lambda: b"<html>") as client:
        browser = await client.get("/metrics", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert (browser.content, browser.headers["Content-Type"]) == (b"<html>", "text/html; charset=utf-8")
        assert browser.headers["Vary"] == "Accept"
        for accept in ("*/*", "text/plain", "application/openmetrics-text"):
            scraper = await client.get("/metrics", headers={"Accept": accept})
            assert scraper.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/health", "/health/", "/health/none", "/health/live/x", "/health/ready/x/y/"])
async def test_an_unknown_path_of_health_is_no_page_of_a_ui(path: str) -> None:
    @get("/{page:path}")
    async def page() -> str:
        return "a page"

    async with edge(root=[page]) as client:
        assert (await client.get("/any/path")).text == "a page"
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert (await client.get("/health/live/")).json() == {"status": "ok"}
