"""The client's side of a connection, without a socket."""

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from prometheus_client import CollectorRegistry
from tests.unit.command_api.support import CALLER, RUN
from tests.unit.command_api.support import Desk as Tables

from command_api.matyan.connection import Desk, Room, serve
from command_api.matyan.lanes import Lanes
from command_api.matyan.patience import Patience
from command_api.metrics import CommandMetrics


def desk_over(
    tables: Tables,
    *,
    patience_seconds: float = 30.0,
    room_bytes: int = 1 << 20,
    registry: CollectorRegistry | None = None,
) -> Desk:
    metrics = CommandMetrics(registry or CollectorRegistry())
    lanes = Lanes(tables.tools, tables.names, metrics.appends.inc)
    return Desk(lanes, Room(room_bytes), tables.leases, metrics, Patience(patience_seconds))


class Peer:
    """Sends frames and collects answers; leaves at the end of the block."""

    def __init__(self, desk: Desk, run_id: str = RUN) -> None:
        self._incoming: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self._serving = asyncio.create_task(serve(desk, run_id, CALLER, self._incoming.get, self._take))

    async def __aenter__(self) -> "Peer":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        self.reads.set()
        async with asyncio.timeout(10):
            await self._serving

    @property
    def unread_frames(self) -> int:
        """Those that the server did not ask for yet."""
        return self._incoming.qsize()

    def send(self, text: str | bytes) -> None:
        kind = "text" if isinstance(text, str) else "bytes"
        self._incoming.put_nowait({"type": "websocket.receive", kind: text})

    async def answer(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            found: dict[str, Any] = json.loads(await self._outgoing.get())
        return found

    async def ask(self, text: str | bytes) -> dict[str, Any]:
        self.send(text)
        return await self.answer()

    @property
    def is_answered(self) -> bool:
        return not self._outgoing.empty()

    async def _take(self, text: str) -> None:
        await self.reads.wait()
        self._outgoing.put_nowait(text)
