"""One client's connection: frames in, exactly one answer for each, in order; it is never closed to signal an error."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from command_api.application.ports import Caller, Leases
from command_api.matyan.answers import Answer
from command_api.matyan.frames import Frame, frame_digest
from command_api.matyan.lanes import Lanes
from command_api.metrics import CommandMetrics

PATIENCE_SECONDS = 40.0
"""After a frame's first arrival the client hears something: 45 s of silence end its sender for good."""
WAITING_FRAMES = 16
"""Of one connection, between arrival and answer; a client that waits for answers has three at most."""
WAITING_BYTES = 256 << 20
"""Of all connections together; above it nothing more is read until something was written."""

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[str], Awaitable[None]]


class Room:
    """Bounds the bytes of all frames that wait for the log. For one event loop."""

    def __init__(self, limit_bytes: int = WAITING_BYTES) -> None:
        self._limit = limit_bytes
        self._used = 0
        self._free = asyncio.Event()
        self._free.set()

    async def wait(self) -> None:
        await self._free.wait()

    def hold(self, frame: Frame) -> None:
        """Until the frame is answered."""
        size = frame.size
        self._change(size)
        frame.answer.add_done_callback(lambda _: self._change(-size))

    def _change(self, size: int) -> None:
        self._used += size
        if self._used < self._limit:
            self._free.set()
        else:
            self._free.clear()


@dataclass(frozen=True, slots=True)
class Desk:
    """What all connections of a process share."""

    lanes: Lanes
    room: Room
    leases: Leases
    metrics: CommandMetrics
    patience_seconds: float = PATIENCE_SECONDS


async def serve(desk: Desk, run_id: str, caller: Caller, receive: Receive, send: Send) -> None:
    """Until the client leaves or the server stops. Frames that were received are written whatever happens then."""
    connection = _Connection(desk, run_id, caller, receive, send)
    desk.metrics.connections.inc()
    try:
        with desk.leases.hold(run_id):
            await connection.run()
    finally:
        desk.metrics.connections.dec()


class _Connection:
    def __init__(self, desk: Desk, run_id: str, caller: Caller, receive: Receive, send: Send) -> None:
        self._desk = desk
        self._run_id = run_id
        self._caller = caller
        self._receive = receive
        self._send = send
        self._last: Frame | None = None
        self._unanswered: asyncio.Queue[Frame] = asyncio.Queue()
        self._places = asyncio.Semaphore(WAITING_FRAMES)

    async def run(self) -> None:
        answering = asyncio.create_task(self._answer())
        try:
            await self._read()
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            # Reading goes on while frames wait, so that pings are answered while the log is away.
            await self._places.acquire()
            await self._desk.room.wait()
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            self._unanswered.put_nowait(self._arrived(message.get("bytes") or b"" if text is None else text.encode()))

    def _arrived(self, body: bytes) -> Frame:
        """A frame that equals the one before it is that one, sent again: it shares its answer, unless that was "no"."""
        last = self._last
        if last is not None and last.digest == frame_digest(body) and not _is_refused(last):
            self._desk.metrics.frames.labels("repeated").inc()
            return last
        frame = self._last = Frame(body, self._caller, self._desk.patience_seconds)
        frame.answer.add_done_callback(lambda done: self._count(frame.arrived, done.result()))
        self._desk.room.hold(frame)
        self._desk.lanes.put(self._run_id, frame)
        return frame

    async def _answer(self) -> None:
        while True:
            frame = await self._unanswered.get()
            answer = await asyncio.shield(frame.answer)
            await self._send(answer.text())
            self._places.release()

    def _count(self, arrived: float, answer: Answer) -> None:
        metrics = self._desk.metrics
        result = "taken" if answer.error is None else "partly" if answer.stored else "unavailable"
        metrics.frames.labels(result).inc()
        metrics.frame_seconds.observe(asyncio.get_running_loop().time() - arrived)
        metrics.messages.labels("accepted").inc(answer.accepted)
        metrics.messages.labels("rejected").inc(answer.rejected)


def _is_refused(frame: Frame) -> bool:
    return frame.is_settled and not frame.answer.result().stored
