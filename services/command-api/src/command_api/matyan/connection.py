"""One client's connection: frames in, exactly one answer for each, in order; it is never closed to signal an error."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from command_api.application.ports import Caller, Leases
from command_api.matyan.answers import Answer
from command_api.matyan.frames import Frame, frame_digest, tells_time
from command_api.matyan.lanes import Lanes
from command_api.matyan.patience import Patience
from command_api.metrics import CommandMetrics

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
        """Until there is some."""
        await self._free.wait()

    def hold(self, size: int) -> None:
        self._used += size
        if self._used >= self._limit:
            self._free.clear()

    def release(self, size: int) -> None:
        self._used -= size
        if self._used < self._limit:
            self._free.set()


@dataclass(frozen=True, slots=True)
class Desk:
    """What all connections of a process share."""

    lanes: Lanes
    room: Room
    leases: Leases
    metrics: CommandMetrics
    patience: Patience


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
        self._loop = asyncio.get_running_loop()
        self._last: Frame | None = None
        self._unanswered: deque[Frame] = deque()
        self._settled = asyncio.Event()
        """Perhaps: the first frame of `_unanswered` is."""
        self._answered = asyncio.Event()
        """Perhaps: there are fewer frames than `_unanswered` may hold."""

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
            while len(self._unanswered) >= WAITING_FRAMES:
                self._answered.clear()
                await self._answered.wait()
            await self._desk.room.wait()
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            frame = self._arrived(message.get("bytes") or b"" if text is None else text.encode())
            self._unanswered.append(frame)
            if frame.is_settled:
                self._settled.set()

    def _arrived(self, body: bytes) -> Frame:
        """A frame that was sent again shares the answer of the first, unless that was "no".

        It equals the one before it, and that has no answer yet, or tells times. Others may be meant anew: a tag that
        somebody removed meanwhile, say. If they are not, what they say is no more than true already.
        """
        last, digest = self._last, frame_digest(body)
        if last is not None and last.digest == digest and _is_shared(last, body):
            self._desk.metrics.frames_by_result["repeated"].inc()
            return last
        desk = self._desk
        frame = self._last = Frame(body, digest, self._caller, self._loop.time(), self._hear)
        desk.room.hold(frame.size)
        desk.patience.watch(frame)
        desk.lanes.put(self._run_id, frame)
        return frame

    async def _answer(self) -> None:
        waiting = self._unanswered
        while True:
            while not waiting or (answer := waiting[0].answer) is None:
                self._settled.clear()
                await self._settled.wait()
            await self._send(answer.text())
            waiting.popleft()
            self._answered.set()

    def _hear(self, frame: Frame, answer: Answer) -> None:
        self._settled.set()
        self._desk.room.release(frame.size)
        self._count(frame.arrived, answer)

    def _count(self, arrived: float, answer: Answer) -> None:
        metrics = self._desk.metrics
        result = "taken" if answer.error is None else "partly" if answer.stored else "unavailable"
        metrics.frames_by_result[result].inc()
        metrics.frame_seconds.observe(self._loop.time() - arrived)
        metrics.accepted.inc(answer.accepted)
        if answer.rejected:
            metrics.rejected.inc(answer.rejected)


def _is_shared(first: Frame, body: bytes) -> bool:
    """Whether `body`, which equals it, is the first one sent again."""
    return first.answer is None or (first.answer.stored and tells_time(body))
