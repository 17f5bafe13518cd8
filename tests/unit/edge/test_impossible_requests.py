from collections.abc import AsyncIterator

import httpx
import pytest

PATHS = ["/api/things/1", "/api/v1/rest/fail/bad", "/health/live", "/metrics", "/schema/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["edge.test:99999", "edge.test:-1", "edge.test:x", "[::1", "", "a/b", "a b"])
async def test_a_host_that_cannot_be_is_400(client: httpx.AsyncClient, path: str, host: str) -> None:
    answer = await client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("host", ["edge.test", "edge.test:65535", "under_score:8000", "[::1]:80", "10.0.0.1:80"])
async def test_any_other_host_is_nobodys_business(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/api/things/1", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("path", ["/api/things", "/api/who", "/health/live"])
async def test_a_body_that_says_it_is_too_large_is_413_and_not_read(client: httpx.AsyncClient, path: str) -> None:
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 1_000

    headers = {"Content-Length": "100000"}
    answer = await client.request("POST" if path == "/api/things" else "GET", path, content=body(), headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (413, "Request Entity Too Large")
    assert taken <= 1


async def test_a_body_that_grows_too_large_is_left(client: httpx.AsyncClient) -> None:
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 100

    assert (await client.post("/api/things", content=body())).status_code == 413
    assert taken <= 12
