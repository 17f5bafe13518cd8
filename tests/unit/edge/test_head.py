import httpx
import pytest
from tests.unit.edge.probe import Endless, edge


@pytest.mark.parametrize("path", ["/api/things/1", "/api/v1/rest/things/1/", "/health/live", "/metrics", "/schema"])
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


async def test_head_of_what_has_no_get_is_405(client: httpx.AsyncClient) -> None:
    assert (await client.head("/api/things")).status_code == 405


async def test_head_of_an_error_is_its_status(client: httpx.AsyncClient) -> None:
    answer = await client.head("/api/fail/missing")
    assert (answer.status_code, answer.content) == (404, b"")


async def test_head_ends_a_stream() -> None:
    endless = Endless()
    async with edge(endless=endless) as client:
        answer = await client.head("/api/stream")
    assert (answer.status_code, answer.content) == (200, b"")
    assert endless.sent < 1_000
