"""What happens around every request: HEAD, request ids, actors, and the refusal of foreign origins."""

from typing import Any
from urllib.parse import urlsplit

import uuid_utils
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import Forbidden
from edge.settings import EdgeSettings

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID_LIMIT = 128


def answer_head(app: ASGIApp) -> ASGIApp:
    """HEAD is answered on every GET route, as GET without a body."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return
        ended = False

        async def send_head(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.body":
                if not ended:
                    ended = True
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            await send(message)

        await app({**scope, "method": "GET"}, receive, send_head)

    return middleware


def identify(settings: EdgeSettings) -> Any:
    """Give every request an id (the caller's, if it sent one) and an actor (from the trusted header alone)."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            headers = dict(scope["headers"])
            given = headers.get(REQUEST_ID_HEADER.lower().encode(), b"").decode("latin-1")[:_REQUEST_ID_LIMIT]
            request_id = given if given.isprintable() and given else str(uuid_utils.uuid7())
            scope["state"]["request_id"] = request_id
            scope["state"]["actor"] = _actor(headers, settings.actor_header)

            async def send_identified(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableScopeHeaders.from_message(message)[REQUEST_ID_HEADER] = request_id
                await send(message)

            await app(scope, receive, send_identified)

        return middleware

    return wrap


def _actor(headers: dict[bytes, bytes], trusted: str) -> str | None:
    if not trusted:
        return None
    name = headers.get(trusted.lower().encode(), b"").decode("utf-8", "replace").strip()
    return name or None


def refuse_foreign_origins(settings: EdgeSettings) -> Any:
    """A page of an origin that is neither ours nor in the CORS list may not mutate."""
    allowed = frozenset(settings.cors_origins)

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP and scope["method"] not in _READS:
                headers = dict(scope["headers"])
                origin = headers.get(b"origin", b"").decode("latin-1")
                host = headers.get(b"host", b"").decode("latin-1")
                if origin and origin not in allowed and urlsplit(origin).netloc != host:
                    raise Forbidden("This origin may not change anything here")
            await app(scope, receive, send)

        return middleware

    return wrap
