import httpx
import pytest
from tests.unit.edge.probe import ORIGIN, edge

from edge.settings import EdgeSettings


@pytest.mark.parametrize("origin", [None, "http://edge.test", "https://edge.test", ORIGIN])
async def test_pages_of_ours_and_of_the_list_may_write(client: httpx.AsyncClient, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert (await client.post("/api/things", json={"name": "a"}, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.test", "null", "http://edge.test.evil", "http://edge.test:81", "http://[", "http://user@evil.test"],
)
async def test_pages_of_other_origins_may_read_and_not_write(client: httpx.AsyncClient, origin: str) -> None:
    headers = {"Origin": origin}
    refused = await client.post("/api/things", json={"name": "a"}, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert refused.headers["X-Request-Id"]
    assert (await client.get("/api/things/1", headers=headers)).status_code == 200


async def test_a_preflight_is_answered_for_pages_of_the_list(client: httpx.AsyncClient) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,x-timezone-offset",
    }
    answer = await client.options("/api/v1/rest/things", headers=asked)
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Max-Age"] == "86400"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("content-type", "accept", "authorization", "x-timezone-offset", "origin"))


@pytest.mark.parametrize("header", ["X-Tallybook-Position", "idempotency-key", "X-Request-Id", "X-Requested-With"])
async def test_a_preflight_allows_our_own_headers(client: httpx.AsyncClient, header: str) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": header}
    answer = await client.options("/api/things", headers=asked)
    assert answer.status_code == 200
    assert header.lower() in answer.headers["Access-Control-Allow-Headers"].lower()


async def test_our_own_headers_may_be_read_by_pages(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/things/1", headers={"Origin": ORIGIN})
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert all(name in exposed for name in ("X-Request-Id", "X-Tallybook-Position", "X-Tallybook-Visible"))


async def test_a_preflight_of_another_origin_allows_nothing(client: httpx.AsyncClient) -> None:
    asked = {"Origin": "http://evil.test", "Access-Control-Request-Method": "PUT"}
    assert "Access-Control-Allow-Origin" not in (await client.options("/api/things", headers=asked)).headers


async def test_the_defaults_let_the_uis_in() -> None:
    async with edge(EdgeSettings()) as client:
        for origin in ("http://localhost:8000", "http://127.0.0.1:53800", "http://localhost:3000"):
            answer = await client.post("/api/things", json={"name": "a"}, headers={"Origin": origin})
            assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)
