"""A client of the WebSocket that costs next to nothing: whole frames are made ahead, and answers are not parsed.

The generator shares the cores with the product under measurement; a client library costs 150 µs a frame, this some 20.
"""

import asyncio
import base64
import os
import struct
from typing import cast

_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A
_MASKED = 0x80
_SHORT, _MEDIUM = 125, 1 << 16
_TAKEN = b'{"status":"ok","error":null}'
_ANSWER = bytes([_TEXT, len(_TAKEN)]) + _TAKEN


class NotTaken(Exception):
    """The server refused, answered anything but "ok", or left."""


def masked_frame(text: bytes) -> bytes:
    """One text frame, masked with zeros: a mask that changes nothing is as good as any other to the server."""
    size = len(text)
    if size <= _SHORT:
        head = bytes([_TEXT, _MASKED | size])
    elif size < _MEDIUM:
        head = struct.pack("!BBH", _TEXT, _MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", _TEXT, _MASKED | 127, size)
    return head + bytes(4) + text


class FrameClient(asyncio.Protocol):
    """One frame at a time: `ask` sends it and returns when it was taken. Any other answer raises NotTaken."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._received = b""
        self._open = False

    @classmethod
    async def connect(cls, port: int, path: str) -> "FrameClient":
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(cls, "127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        await client.ask(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        return client

    async def ask(self, frame: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise NotTaken("the server closed the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(frame)
        await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.write(masked_frame(b"\x03\xe8").replace(b"\x81", b"\x88", 1))
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of no class of asyncio

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._open:
            head, end, self._received = self._received.partition(b"\r\n\r\n")
            if not end:
                self._received = head
            elif head.startswith(b"HTTP/1.1 101"):
                self._open = True
                self._wake(None)
            else:
                self._wake(NotTaken(f"no WebSocket: {head[:200]!r}"))
            return
        while self._received:
            if self._received.startswith(_ANSWER):
                self._received = self._received[len(_ANSWER) :]
                self._wake(None)
            elif self._received[0] == _PING:
                size = 2 + self._received[1]
                if len(self._received) < size:
                    return
                ping, self._received = self._received[:size], self._received[size:]
                self._pong(ping[2:])
            elif _ANSWER.startswith(self._received):
                return
            else:
                self._wake(NotTaken(f"a frame was not taken: {self._received[:300]!r}"))
                return

    def connection_lost(self, error: Exception | None) -> None:
        self._wake(NotTaken(f"the server closed the connection: {error}"))

    def _pong(self, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(bytes([_PONG, _MASKED | len(payload)]) + bytes(4) + payload)

    def _wake(self, error: BaseException | None) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():
            return
        if error is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(error)
