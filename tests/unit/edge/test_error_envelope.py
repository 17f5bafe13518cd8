from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.edge.probe import ORIGIN

from contracts.errors import STATUS, TallybookError


def envelope(message: str, code: str, detail: Any = None, text: str = "") -> dict[str, Any]:
    shown = message if detail is None else detail
    return {"message": message, "detail": shown, "error": {"code": code, "message": text or message}}


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("bad", 400, envelope("Too odd.", "bad_request")),
        ("detailed", 400, envelope("SyntaxError", "bad_request", {"line": 3}, "Line 3 is odd.")),
        ("missing", 404, envelope("Thing not found.", "not_found")),
        ("default", 404, envelope("Not Found", "not_found")),
        ("conflict", 409, envelope("It is locked.", "conflict")),
        ("unavailable", 503, envelope("The store is away.", "error")),
        ("mismatch", 500, envelope("Internal server error", "internal_error")),
        ("bug", 500, envelope("Internal server error", "internal_error")),
    ],
)
async def test_every_error_has_the_envelope_and_cors(
    client: httpx.AsyncClient, name: str, status: int, body: dict[str, Any]
) -> None:
    answer = await client.get(f"/api/fail/{name}", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.json()) == (status, body)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["X-Request-Id"]


async def test_a_store_that_is_away_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/fail/unavailable")).headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    "path",
    [
        "/api/none",
        "/api/v1/rest/none",
        "/none",
        "/api/things/x",
        "//api/things/1",
        "/schema/none",
        "/schema/openapi.yaml",
    ],
)
async def test_an_unknown_path_is_a_json_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.json()) == (404, envelope("Not Found", "not_found"))
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["X-Request-Id"]


async def test_another_method_is_a_json_405(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/things")
    assert (answer.status_code, answer.json()) == (405, envelope("Method Not Allowed", "error"))
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"name": 3}', "name: Expected `str`, got `int`"),
        (b"{}", "Object missing required field `name`"),
        (b'{"name": "a", "size": 1.5}', "size: Expected `int`, got `float`"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{", ""),
        (b"\xff", ""),
        (b"", "The request needs a body"),
    ],
)
async def test_a_bad_body_is_422_and_says_why(client: httpx.AsyncClient, content: bytes, text: str) -> None:
    answer = await client.post("/api/things", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert text in answer.json()["message"] != ""
    assert answer.json() == envelope(answer.json()["message"], "validation_error")


async def test_unknown_fields_are_ignored(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/things", json={"name": "a", "more": 1})
    assert answer.json() == {"name": "a", "size": 0}


async def test_a_body_over_the_limit_is_413(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/things", content=b"x" * 1_001, headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "error")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


async def test_a_body_over_the_limit_is_413_also_in_pieces(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    answer = await client.post("/api/things", content=pieces())
    assert answer.status_code == 413


def test_every_error_of_ours_has_a_status() -> None:
    def kinds(of: type[TallybookError]) -> list[type[TallybookError]]:
        return [of, *(kind for each in of.__subclasses__() for kind in kinds(each))]

    for kind in kinds(TallybookError):
        assert any(base in STATUS for base in kind.__mro__)
