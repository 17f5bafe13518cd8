"""A client who asks and never reads; a slow one, who reads now and then."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from edge.long_addresses import LongAddresses

PIECE_BYTES = 16 << 20
"""More than the buffers of a socket hold."""
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


class _Impatient(LongAddresses):
    patience_seconds = 0.3


class _Answer:
    """An app that sends so many pieces and notes when the client is gone."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.left = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(self.pieces):
            await send({"type": "http.response.body", "body": b"x" * PIECE_BYTES, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        await receive()
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()


@asynccontextmanager
async def _served(answer: _Answer) -> AsyncIterator[socket.socket]:
    """A connection on which the answer was asked for."""
    config = uvicorn.Config(answer, http=_Impatient, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        client = socket.socket()
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(client, listening.getsockname())
            await loop.sock_sendall(client, REQUEST)
            yield client
        finally:
            client.close()
            server.should_exit = True
            await serving


async def test_who_reads_nothing_is_broken_off() -> None:
    answer = _Answer(pieces=2)
    async with _served(answer):
        await asyncio.wait_for(answer.left.wait(), 20)


async def test_who_reads_slowly_gets_everything() -> None:
    """One piece alone takes longer than a silent client is waited for."""
    answer = _Answer(pieces=1)
    async with _served(answer) as client:
        loop, received = asyncio.get_running_loop(), 0
        while data := await loop.sock_recv(client, PIECE_BYTES // 40):
            received += len(data)
            await asyncio.sleep(_Impatient.patience_seconds / 8)
        assert received > PIECE_BYTES
