"""What happens around every request: HEAD, request ids, actors, and the refusal of what no route shall see."""

import asyncio
import re
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import uuid_utils
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import BadRequest, Forbidden, PayloadTooLarge
from contracts.routes import REST_PREFIX
from edge.settings import EdgeSettings

_ASKING = frozenset({ScopeType.HTTP, ScopeType.WEBSOCKET})
_POLICY_VIOLATION = 1008
_PARAMETER = re.compile(r"{[^}]*}")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOWHERE = f"{REST_PREFIX}/empty segment"
"""Below it there is nothing, whatever pages a UI has: it is answered as every unknown path of the API."""

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID_LIMIT = 128
_ACTOR_LIMIT = 256


def answer_head(app: ASGIApp) -> ASGIApp:
    """HEAD is answered on every GET route, as GET without a body; a stream ends with its first bytes."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return
        ended = asyncio.Event()

        async def send_head(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
            elif not ended.is_set():
                ended.set()
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                # A stream that never waits would not hear that it is over.
                await asyncio.sleep(0)

        async def receive_head() -> Any:
            """To a handler that still sends, the client has gone."""
            return await _first(receive(), _disconnected(ended))

        await app({**scope, "method": "GET"}, receive_head, send_head)

    return middleware


async def _disconnected(ended: asyncio.Event) -> dict[str, str]:
    await ended.wait()
    return {"type": "http.disconnect"}


async def _first(*awaited: Awaitable[Any]) -> Any:
    tasks = [asyncio.ensure_future(each) for each in awaited]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()


def no_empty_segments(app: ASGIApp) -> ASGIApp:
    """`//x` is answered as `/x`: clients that join a base address with a path write both slashes.

    An empty segment anywhere else is none of ours. The framework leaves it out: a run whose id is empty would be the
    path's next word, and deleted.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in _ASKING and "//" in scope["path"]:
            path = "/" + scope["path"].lstrip("/")
            raw_path = b"/" + scope["raw_path"].lstrip(b"/")
            scope = scope.copy()
            scope["path"], scope["raw_path"] = (_NOWHERE, _NOWHERE.encode()) if "//" in path else (path, raw_path)
        await app(scope, receive, send)

    return middleware


def identify(settings: EdgeSettings) -> Any:
    """Give every request an id (the caller's, if it sent one) and an actor (from the trusted header alone)."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            _request_id(scope)
            scope["state"]["actor"] = _actor(dict(scope["headers"]), settings.actor_header)
            await app(scope, receive, send)

        return middleware

    return wrap


async def name_request(message: Message, scope: Scope) -> None:
    """Litestar's hook before anything is sent; it also sees the answers on paths that no route has."""
    if message["type"] == "http.response.start":
        MutableScopeHeaders.from_message(message)[REQUEST_ID_HEADER] = _request_id(scope)


async def forbid_guessing(message: Message, scope: Scope) -> None:
    """No browser takes an answer for anything but its content type says: what clients stored is in many of them."""
    if message["type"] == "http.response.start":
        MutableScopeHeaders.from_message(message)["X-Content-Type-Options"] = "nosniff"


async def accept_preflight(message: Message, scope: Scope) -> None:
    """A preflight is answered 200 as the reference server does; the framework says 204.

    Where several routes share a path, the framework's `Allow` names the methods of one of them.
    """
    if message["type"] != "http.response.start" or message["status"] != HTTPStatus.NO_CONTENT:
        return
    if scope["type"] == ScopeType.HTTP and scope["method"] == "OPTIONS":
        message["status"] = HTTPStatus.OK
        headers = MutableScopeHeaders.from_message(message)
        headers["Content-Length"] = "0"
        if "Allow" in headers:
            headers["Allow"] = ", ".join(sorted(_methods(scope)))


def _methods(scope: Scope) -> set[str]:
    """Of every route with the path of the request; HEAD is answered wherever GET is."""
    path = _PARAMETER.sub("{}", scope["path_template"])
    routes = scope["litestar_app"].routes
    fitting = (route for route in routes if isinstance(route, HTTPRoute) and _PARAMETER.sub("{}", route.path) == path)
    methods = {str(method) for route in fitting for method in route.methods}
    return methods | {"HEAD"} if "GET" in methods else methods


def _request_id(scope: Scope) -> str:
    state = scope["state"]
    known: str | None = state.get("request_id")
    if known is None:
        given = dict(scope["headers"]).get(REQUEST_ID_HEADER.lower().encode(), b"").decode("latin-1")
        usable = given[:_REQUEST_ID_LIMIT]
        known = state["request_id"] = usable if usable.isprintable() and usable else str(uuid_utils.uuid7())
    return known


def _actor(headers: dict[bytes, bytes], trusted: str) -> str | None:
    if not trusted:
        return None
    name = headers.get(trusted.lower().encode(), b"").decode("utf-8", "replace").strip()
    return name[:_ACTOR_LIMIT] or None


def refuse_impossible_requests(settings: EdgeSettings) -> Any:
    """What no handler could answer: a Host of which no URL can be made, a body that says it is too large."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP:
                headers = dict(scope["headers"])
                _check_host(headers.get(b"host", b"").decode("latin-1"), scope)
                _check_length(headers.get(b"content-length", b"").decode("latin-1"), _body_limit(scope, settings))
            await app(scope, receive, send)

        return middleware

    return wrap


def _check_host(host: str, scope: Scope) -> None:
    """Without a Host the address that was called stands for it, as the framework does it."""
    host = host or ":".join(str(part) for part in scope["server"] or ())
    try:
        # Parsing is put off until the port is asked for.
        _ = urlsplit(f"//{host}").port
    except ValueError:
        raise BadRequest("Invalid Host header") from None


def _body_limit(scope: Scope, settings: EdgeSettings) -> int | None:
    """Of the handler: one that streams what it gets has a limit of its own, and says None here."""
    handler = scope["route_handler"]
    return handler.resolve_request_max_body_size() if isinstance(handler, HTTPRouteHandler) else settings.max_body_bytes


def _check_length(length: str, limit: int | None) -> None:
    """Also where a handler has no use for a body: it should not be sent for nothing."""
    # A server checks the digits; any other text would not be a length.
    if limit is not None and length.isascii() and length.isdigit() and int(length) > limit:
        raise PayloadTooLarge


def refuse_foreign_origins(settings: EdgeSettings) -> Any:
    """A page of an origin that is neither ours nor in the CORS list may not mutate, nor open a WebSocket."""
    allowed = frozenset(settings.cors_origins)

    def foreign(scope: Scope) -> bool:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        return bool(origin) and origin not in allowed and not _is_of(origin, host)

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP and scope["method"] not in _READS and foreign(scope):
                raise Forbidden("This origin may not change anything here")
            if scope["type"] == ScopeType.WEBSOCKET and foreign(scope):
                # Closed before it is accepted: the server answers the upgrade with 403.
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
                return
            await app(scope, receive, send)

        return middleware

    return wrap


def _is_of(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False
