"""How a stream begins, ends, breaks and stops."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest
from tests.unit.query_api.world import NOW, Logged, World

from contracts.errors import BadRequest
from query_api.http.streams import BinaryStream, stream
from stores.errors import StoreUnavailable

BASE = "/api/v1/rest/runs"


class Connection:
    """What a server gives an app: the client leaves when `left` is set."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def take(self, answer: BinaryStream) -> None:
        scope: Any = {"type": "http"}
        await answer(scope, self.receive, self.send)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def ended(self) -> bool:
        return bool(self.sent) and not self.sent[-1].get("more_body", True)


async def _frames(count: int, error: Exception | None = None) -> AsyncGenerator[bytes, None]:
    for number in range(count):
        yield bytes([number])
    if error is not None:
        raise error


async def test_a_whole_stream_ends_cleanly() -> None:
    connection = Connection()
    answer = stream(_frames(3))
    await connection.take(answer)
    assert (connection.body, connection.ended) == (b"\x00\x01\x02", True)
    headers = dict(connection.sent[0]["headers"])
    assert headers[b"content-type"] == b"application/octet-stream"
    assert b"content-length" not in headers


async def test_an_empty_stream_is_an_empty_body() -> None:
    connection = Connection()
    answer = stream(_frames(0))
    await connection.take(answer)
    assert (connection.body, connection.ended) == (b"", True)


async def test_what_fails_before_the_first_byte_is_raised_before_anything_is_sent() -> None:
    connection = Connection()
    with pytest.raises(BadRequest):
        await connection.take(stream(_frames(0, BadRequest("no"))))
    assert connection.sent == []


async def test_who_leaves_before_the_first_byte_ends_the_search() -> None:
    connection = Connection()
    began, closed = asyncio.Event(), asyncio.Event()

    async def searching() -> AsyncGenerator[bytes, None]:
        try:
            began.set()
            await asyncio.Event().wait()
            yield b"never"
        finally:
            closed.set()

    taking = asyncio.create_task(connection.take(stream(searching())))
    await began.wait()
    connection.left.set()
    await asyncio.wait_for(taking, 10)
    assert closed.is_set()
    assert connection.sent == []


async def test_what_fails_later_breaks_the_stream_instead_of_ending_it() -> None:
    connection = Connection()
    answer = stream(_frames(2, StoreUnavailable("gone")))
    with pytest.raises(StoreUnavailable):
        await connection.take(answer)
    assert connection.body.startswith(b"\x00")
    assert not connection.ended


async def test_the_source_is_closed_when_the_client_leaves() -> None:
    connection = Connection()
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            yield b"first"
            connection.left.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    answer = stream(endless())
    await connection.take(answer)
    assert closed.is_set()
    assert not connection.ended


@pytest.fixture
async def world() -> World:
    world = await World.make()
    for number in range(3):
        await world.run(f"r{number}", Logged("loss", [1.0]), created_at=NOW - number)
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


@pytest.mark.parametrize("path", ["search/run", "search/metric"])
async def test_a_syntax_error_tells_where(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"{BASE}/{path}", params={"q": "run.x =="})
    body = answer.json()
    assert answer.status_code == 400
    assert body["message"] == "SyntaxError"
    assert body["detail"] == {
        "name": "SyntaxError", "statement": "(run.x ==)", "line": 1, "offset": 10, "end_offset": 11,
    }  # fmt: skip
    text = "Invalid query syntax: invalid syntax (<query>, line 1)"
    assert body["error"] == {"code": "bad_request", "message": text}


@pytest.mark.parametrize(
    ("q", "offset", "end_offset"),
    [("run.__class__", 2, 15), ("run.x == 1 and exec('1')", 17, 21), ("(x for x in []).gi_frame", 2, 26)],
)
async def test_what_is_forbidden_is_pointed_at_like_a_syntax_error(
    client: httpx.AsyncClient, q: str, offset: int, end_offset: int
) -> None:
    answer = await client.get(f"{BASE}/search/run", params={"q": q})
    assert (answer.status_code, answer.json()["message"]) == (400, "SyntaxError")
    assert answer.json()["detail"] == {
        "name": "SyntaxError", "statement": f"({q})", "line": 1, "offset": offset, "end_offset": end_offset,
    }  # fmt: skip
    assert "not allowed" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "q",
    [
        "run.__class__",
        "exec('1')",
        "9 ** 9 ** 9",
        "[x for x in range(999) for y in range(999) for z in range(999)]",
        "'a' * 10 ** 9",
        "run.hash in [" + "'x'," * 5_000 + "]",
        "(" * 150 + "1" + ")" * 150 + " + run" + ".a" * 3_000,
        "lambda: run\x00",
    ],
)
async def test_hostile_queries_are_400_or_match_nothing(client: httpx.AsyncClient, q: str) -> None:
    answer = await client.get(f"{BASE}/search/run", params={"q": q, "report_progress": "false"})
    assert answer.status_code == 400 or (answer.status_code == 200 and answer.content == b"")
    if answer.status_code == 400:
        assert answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("search/run", {"limit": "many"}, 422),
        ("search/run", {"limit": "-1"}, 400),
        ("search/run", {"report_progress": "perhaps"}, 422),
        ("search/run", {"skip_system": "2"}, 422),
        ("search/metric", {"p": "1.5"}, 422),
        ("active", {"report_progress": ""}, 422),
    ],
)
async def test_parameters_of_another_kind_are_refused(
    client: httpx.AsyncClient, path: str, query: dict[str, str], status: int
) -> None:
    answer = await client.get(f"{BASE}/{path}", params=query)
    assert answer.status_code == status
    assert answer.json()["error"]["message"] == answer.json()["message"]


@pytest.mark.parametrize("flag", ["false", "0", "off", "no", "False", "OFF"])
async def test_flags_are_read_as_people_write_them(client: httpx.AsyncClient, flag: str) -> None:
    answer = await client.get(f"{BASE}/search/run", params={"report_progress": flag})
    assert b"progress" not in answer.content


async def test_head_is_answered_without_a_body(client: httpx.AsyncClient) -> None:
    answer = await client.head(f"{BASE}/search/run")
    assert (answer.status_code, answer.content) == (200, b"")
