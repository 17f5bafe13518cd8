"""Series that a request names, by a name and a context: what no series can be called is refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import World

from query_api.http.objects import OBJECT_KINDS

REST = "/api/v1/rest/runs"
_PATHS = ["a/metric/get-batch", *(f"a/{kind}/get-{rows}" for kind in OBJECT_KINDS for rows in ("batch", "step"))]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    world = await World.make()
    await world.run("a")
    async with world.client() as client:
        yield client


def _refusal(answer: httpx.Response) -> str:
    assert answer.status_code == 422
    told = answer.json()
    assert told["error"] == {"code": "validation_error", "message": told["message"]}
    return str(told["message"])


def _deep() -> list[Any]:
    inner: list[Any] = []
    for _ in range(900):
        inner = [inner]
    return inner


_IMPOSSIBLE = pytest.mark.parametrize(
    ("context", "text"),
    [
        ({"c": _deep()}, "a value may not be nested deeper than 64 levels"),
        ({"c": "x" * 9_000}, "a context may not be larger than 8192 bytes"),
    ],
)


@_IMPOSSIBLE
@pytest.mark.parametrize("path", _PATHS)
async def test_a_context_that_no_series_has_is_refused(
    client: httpx.AsyncClient, path: str, context: dict[str, Any], text: str
) -> None:
    answer = await client.post(f"{REST}/{path}", json=[{"name": "loss", "context": context}])
    assert _refusal(answer) == text


@_IMPOSSIBLE
async def test_alignment_echoes_no_such_context(client: httpx.AsyncClient, context: dict[str, Any], text: str) -> None:
    trace = {"name": "loss", "context": context, "slice": [0, 0, 5]}
    body = {"align_by": "x", "runs": [{"run_id": "nobody", "traces": [trace]}]}
    assert _refusal(await client.post(f"{REST}/search/metric/align", json=body)) == text


@pytest.mark.parametrize("context", [{}, {"c": "x" * 8_000}])
async def test_unknown_series_are_not_refused(client: httpx.AsyncClient, context: dict[str, Any]) -> None:
    for path in _PATHS:
        answer = await client.post(f"{REST}/{path}", json=[{"name": "loss", "context": context}])
        assert (answer.status_code, answer.content) == (200, b"[]" if "metric" in path else b"")
