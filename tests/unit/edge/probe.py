"""An app over the edge with routes that fail in every way."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import msgspec
from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from contracts.errors import BadRequest, Conflict, LogMismatch, NotFound, Unavailable
from edge.app import create_app, served
from edge.health import Check, Page
from edge.parameters import Flag
from edge.settings import EdgeSettings

ORIGIN = "http://ui.test"
SETTINGS = EdgeSettings(cors_origins=(ORIGIN,), max_body_bytes=1_000, actor_header="X-User")


class Thing(msgspec.Struct):
    name: str
    size: int = 0


class DetailedError(BadRequest):
    text = "Line 3 is odd."

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.detail = {"line": 3}


ERRORS: dict[str, Exception] = {
    "bad": BadRequest("Too odd."),
    "detailed": DetailedError("SyntaxError"),
    "missing": NotFound("Thing not found."),
    "default": NotFound(),
    "conflict": Conflict("It is locked."),
    "unavailable": Unavailable("The store is away.", retry_after_seconds=7),
    "mismatch": LogMismatch("secret offsets"),
    "bug": KeyError("secret"),
}


@get("/fail/{name:str}")
async def fail(name: FromPath[str]) -> None:
    raise ERRORS[name]


@post("/things", status_code=200)
async def make_thing(data: JSONBody[Thing]) -> Thing:
    return data


@get("/things/{number:int}")
async def get_thing(number: FromPath[int]) -> dict[str, int]:
    return {"number": number}


@get("/flag")
async def get_flag(on: Annotated[Flag, QueryParameter(name="on")]) -> bool:
    return bool(on)


@get("/who")
async def who(request: Request[Any, Any, Any]) -> dict[str, Any]:
    state = request.scope["state"]
    return {"actor": state["actor"], "request": state["request_id"]}


@get("/only-ours")
async def only_ours() -> str:
    return "ours"


class Endless:
    """A stream that notes how far it came."""

    def __init__(self) -> None:
        self.sent = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += 1
            yield b"x" * 1_000


@asynccontextmanager
async def edge(
    settings: EdgeSettings = SETTINGS,
    *,
    checks: Mapping[str, Check] | None = None,
    page: Page | None = None,
    endless: Endless | None = None,
    root: Sequence[HTTPRouteHandler] = (),
) -> AsyncIterator[httpx.AsyncClient]:
    stream = endless or Endless()

    @get("/stream")
    async def get_stream() -> Stream:
        return Stream(stream.chunks())

    app = create_app(
        settings,
        title="probe",
        version="0",
        rest=[fail, make_thing, get_thing, get_flag, who, get_stream],
        rest_only=[only_ours],
        root=root,
        checks=checks or {},
        page=page,
    )
    transport = httpx.ASGITransport(served(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge.test") as client:
        yield client
