"""A proxy between client and product: keeps what passes, and misbehaves as a scenario says.

Messages go through a WebSocket server of its own, so that it can leave answers out and break connections; uploads,
reads and changes by REST are passed on as they are.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from tests.clients.matyan.passing import Exchange, listening, reset
from tests.e2e.product import Product
from tests.servers.ports import HOST
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Fault = Literal["none", "error_ack", "drop2", "abort2", "lose2", "noack", "lateack", "noackall", "http403"]
"""As the client's transcript names them; lose2 is drop2 before the frame has reached the product."""

_LATE_SECONDS = 16.0
_QUEUED_SECONDS = 4.0
"""For a client to say that an upload is done, after it has been answered."""
_ABNORMAL = 1006
_LONGEST_FRAME = 64 << 20
_ERROR = '{"status": "error", "error": "boom"}'


class Frame(NamedTuple):
    content: Any
    answer: Any

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.content if isinstance(self.content, list) else [self.content]


@dataclass
class Recording:
    """passed: what the product was sent, in the order of its answers. lost: frames that it was not sent."""

    fault: Fault
    passed: list[Frame | Exchange] = field(default_factory=list)
    lost: list[Any] = field(default_factory=list)
    connections: int = 0
    uploaded: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def frames(self) -> list[Frame]:
        """Of all connections, in the order of their arrival."""
        return [each for each in self.passed if isinstance(each, Frame)]

    def once(self) -> list[Frame | Exchange]:
        """Without the frames that followed themselves: a client repeats what was not answered."""
        kept: list[Frame | Exchange] = []
        last: Frame | None = None
        for each in self.passed:
            if isinstance(each, Frame):
                assert each.answer == {"status": "ok", "error": None}, each.answer
                if last is not None and _same(last, each):
                    continue
                last = each
            kept.append(each)
        return kept

    def messages(self) -> list[dict[str, Any]]:
        """Everything that the product was sent; a frame that followed itself counts once."""
        return [message for each in self.once() if isinstance(each, Frame) for message in each.messages]

    def repeated(self) -> list[Frame]:
        """Frames that followed themselves, once for each time."""
        return [other for one, other in pairwise(self.frames) if _same(one, other)]

    def add_exchange(self, exchange: Exchange) -> None:
        self.passed.append(exchange)
        if exchange.method == "PUT":
            self.uploaded.set()


def _same(one: Frame, other: Frame) -> bool:
    """As text, because NaN equals nothing."""
    return json.dumps(one.content) == json.dumps(other.content)


class Proxy(NamedTuple):
    """frontier, backend: its addresses for the client, one for each port of the product."""

    frontier: str
    backend: str
    recording: Recording


@asynccontextmanager
async def proxied(product: Product, fault: Fault, *, gathers: bool = False) -> AsyncIterator[Proxy]:
    """gathers: the first frame is answered after a file was uploaded, so that the second holds all said meanwhile."""
    recording = Recording(fault)

    async def handle(client: ServerConnection) -> None:
        assert client.request is not None
        recording.connections += 1
        target = f"ws://{HOST}:{product.ingest_port}{client.request.path}"
        async with connect(target, max_size=None, compression=None) as server:
            try:
                async for text in client:
                    if fault == "lose2" and len(recording.frames) == 1 and not recording.lost:
                        recording.lost.append(json.loads(text))
                        await client.close(1011)
                        return
                    await server.send(text)
                    answer = await server.recv()
                    recording.passed.append(Frame(json.loads(text), json.loads(answer)))
                    if gathers and len(recording.frames) == 1:
                        await recording.uploaded.wait()
                        await asyncio.sleep(_QUEUED_SECONDS)
                    await _answer(client, str(answer), recording)
            except ConnectionClosed:
                await _close_like(client, server)

    async def refuse(client: ServerConnection, request: Request) -> Response | None:
        if fault == "http403":
            return client.respond(HTTPStatus.FORBIDDEN, "")
        is_up = await _is_up(product.ingest_port)
        return None if is_up else client.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")

    listen = partial(listening, passed=recording.add_exchange)
    async with (
        serve(handle, HOST, 0, max_size=_LONGEST_FRAME, process_request=refuse, close_timeout=1) as sockets,
        listen(product.ingest_port, sockets.sockets[0].getsockname()[1]) as frontier,
        listen(product.port, None) as backend,
    ):
        yield Proxy(frontier, backend, recording)


async def _close_like(client: ServerConnection, server: ClientConnection) -> None:
    """As the product closed its side: with its code, or without a word if it died."""
    if server.close_code in {None, _ABNORMAL}:
        reset(client.transport)
    else:
        await client.close(server.close_code)


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
        reset(client.transport)
    elif number == 2 and recording.fault == "lateack":
        await asyncio.sleep(_LATE_SECONDS)
        await client.send(answer)
    elif (number == 2 and recording.fault == "noack") or (number >= 2 and recording.fault == "noackall"):
        return
    else:
        await client.send(_ERROR if number >= 2 and recording.fault == "error_ack" else answer)
