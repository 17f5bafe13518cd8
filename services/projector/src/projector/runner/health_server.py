"""Health and metrics of a worker over HTTP: three paths, GET only, nothing that changes anything."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Self

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

_HEAD_BYTES = 8_192
_HEAD_SECONDS = 5.0
_JSON = "application/json"

Ready = Callable[[], Awaitable[None]]
"""Returns if the worker can work, raises otherwise; the text of the error is shown."""


class HealthServer:
    """`/health/live` answers while the process does, `/health/ready` says why not, `/metrics` is Prometheus text."""

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    @classmethod
    async def open(cls, host: str, port: int, ready: Ready, registry: CollectorRegistry) -> Self:
        """Listen; port 0 takes a free one. Raises OSError if the port is taken."""
        pages = _Pages(ready, registry)
        return cls(await asyncio.start_server(pages.serve, host, port, limit=_HEAD_BYTES))

    @property
    def port(self) -> int:
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()


class _Pages:
    def __init__(self, ready: Ready, registry: CollectorRegistry) -> None:
        self._ready = ready
        self._registry = registry

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._answer(head.split(b"\r\n", 1)[0].decode("latin-1")))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            return  # a probe that sent no whole request gets no answer; there is nobody to tell
        finally:
            writer.close()

    async def _answer(self, request_line: str) -> bytes:
        method, _, rest = request_line.partition(" ")
        path = rest.split(" ", 1)[0].split("?", 1)[0].rstrip("/")
        if method != "GET":
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, _JSON, b'{"message":"Method Not Allowed"}')
        match path:
            case "/health/live":
                return _response(HTTPStatus.OK, _JSON, b'{"status":"ok"}')
            case "/health/ready":
                return await self._readiness()
            case "/metrics":
                return _response(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._registry))
        return _response(HTTPStatus.NOT_FOUND, _JSON, b'{"message":"Not Found"}')

    async def _readiness(self) -> bytes:
        try:
            await self._ready()
        except Exception as error:  # noqa: BLE001 - whatever a dependency raises is the answer
            body = {"status": "degraded", "checks": {"projector": str(error) or type(error).__name__}}
            return _response(HTTPStatus.SERVICE_UNAVAILABLE, _JSON, msgspec.json.encode(body))
        return _response(HTTPStatus.OK, _JSON, b'{"status":"ok","checks":{"projector":"ok"}}')


def _response(status: HTTPStatus, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + body
