"""A WebSocket proxy between client and product: keeps what passes, and misbehaves as a scenario says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from typing import Any, Literal

from tests.servers.ports import HOST
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Fault = Literal["none", "error_ack", "drop2", "abort2", "noack", "lateack", "noackall", "http403"]

_LATE_SECONDS = 16.0
_ABNORMAL = 1006
_LONGEST_FRAME = 64 << 20
_ERROR = '{"status": "error", "error": "boom"}'


@dataclass
class Recording:
    """frames: of all connections, in the order of their arrival, each as (frame, the product's answer)."""

    fault: Fault
    frames: list[tuple[Any, Any]] = field(default_factory=list)
    connections: int = 0

    def messages(self) -> list[dict[str, Any]]:
        """Everything that the product was sent; a frame that followed itself counts once."""
        kept: list[Any] = []
        for frame, answer in self.frames:
            assert answer == {"status": "ok", "error": None}, answer
            if not kept or kept[-1] != frame:
                kept.append(frame)
        return [message for frame in kept for message in (frame if isinstance(frame, list) else [frame])]

    def repeats(self) -> int:
        """Frames that followed themselves."""
        texts = [json.dumps(frame) for frame, _ in self.frames]
        return sum(one == other for one, other in pairwise(texts))


@asynccontextmanager
async def proxied(ingest_port: int, fault: Fault) -> AsyncIterator[tuple[str, Recording]]:
    """The proxy's address for the client, and what passes it."""
    recording = Recording(fault)

    async def handle(client: ServerConnection) -> None:
        assert client.request is not None
        recording.connections += 1
        target = f"ws://{HOST}:{ingest_port}{client.request.path}"
        async with connect(target, max_size=None, compression=None) as product:
            try:
                async for text in client:
                    await product.send(text)
                    answer = await product.recv()
                    recording.frames.append((json.loads(text), json.loads(answer)))
                    await _answer(client, str(answer), recording)
            except ConnectionClosed:
                await _close_like(client, product)

    async def refuse(client: ServerConnection, request: Request) -> Response | None:
        if fault == "http403":
            return client.respond(HTTPStatus.FORBIDDEN, "")
        return None if await _is_up(ingest_port) else client.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")

    async with serve(handle, HOST, 0, max_size=_LONGEST_FRAME, process_request=refuse, close_timeout=1) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://{HOST}:{port}", recording


async def _close_like(client: ServerConnection, product: ClientConnection) -> None:
    """As the product closed its side: with its code, or without a word if it died."""
    if product.close_code in {None, _ABNORMAL}:
        client.transport.abort()
    else:
        await client.close(product.close_code)


async def _is_up(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def _answer(client: ServerConnection, answer: str, recording: Recording) -> None:
    number = len(recording.frames)
    if number == 2 and recording.fault == "drop2":
        await client.close(1011)
    elif number == 2 and recording.fault == "abort2":
        client.transport.abort()
    elif number == 2 and recording.fault == "lateack":
        await asyncio.sleep(_LATE_SECONDS)
        await client.send(answer)
    elif (number == 2 and recording.fault == "noack") or (number >= 2 and recording.fault == "noackall"):
        return
    else:
        await client.send(_ERROR if number >= 2 and recording.fault == "error_ack" else answer)
