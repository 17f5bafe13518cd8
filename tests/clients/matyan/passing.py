"""A port of a proxy: requests are passed on and told, bytes of a WebSocket go to a server of the proxy's own."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
from tests.servers.ports import HOST

_CHUNK = 1 << 16
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding"}
_ABORTS = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing sends a reset."""


class Exchange(NamedTuple):
    """A request that the product answered. path: still percent-encoded, with the query."""

    method: str
    path: str
    body: bytes
    status: int
    answer: bytes


@asynccontextmanager
async def listening(
    port: int, websockets_port: int | None, *, passed: Callable[[Exchange], None]
) -> AsyncIterator[str]:
    """The address of a new port that passes requests on to `port` of the product."""
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False, timeout=120) as product:

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while head := await _head_of(reader):
                    if b"\r\nupgrade: websocket" in head.lower():
                        await _pipe(head, reader, writer, websockets_port)
                        return
                    exchange, answer = await _ask(product, head, reader)
                    passed(exchange)
                    writer.write(answer)
                    await writer.drain()
            except ConnectionError:
                reset(writer.transport)
            finally:
                writer.close()

        server = await asyncio.start_server(handle, HOST, 0, limit=_CHUNK)
        async with server:
            yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"


def reset(transport: asyncio.BaseTransport) -> None:
    """Ends a connection as a dead process does; nothing if the other side has ended it already."""
    assert isinstance(transport, asyncio.Transport)
    if not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTS)
        transport.abort()


async def _head_of(reader: asyncio.StreamReader) -> bytes:
    """Nothing if the client closed the connection."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return b""


async def _ask(product: httpx.AsyncClient, head: bytes, reader: asyncio.StreamReader) -> tuple[Exchange, bytes]:
    first, *rest = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    kept = {name: value for name, value in headers.items() if name not in _HOP_BY_HOP}
    answer = await product.request(method, path, headers={**kept, "accept-encoding": "identity"}, content=body)
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items() if name not in _HOP_BY_HOP]
    lines.append(f"content-length: {len(answer.content)}")
    told = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return Exchange(method, path, body, answer.status_code, answer.content), told + answer.content


async def _pipe(
    head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, websockets_port: int | None
) -> None:
    """Until both sides are done; a side that is reset resets the other."""
    assert websockets_port is not None, "no WebSocket is asked of this port"
    from_server, to_server = await asyncio.open_connection(HOST, websockets_port)
    try:
        to_server.write(head)
        async with asyncio.TaskGroup() as both:
            both.create_task(_copy(reader, to_server))
            both.create_task(_copy(from_server, writer))
    finally:
        to_server.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except ConnectionError:
        reset(target.transport)
