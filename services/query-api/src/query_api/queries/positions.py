"""Waiting until the views hold what the caller wrote."""

import asyncio
from collections.abc import Callable, Iterable

from contracts.position import Position
from stores.documents.port import DocumentReader
from stores.views import reaches

LONGEST_WAIT_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.025


async def wait_for(
    documents: DocumentReader,
    view: str,
    positions: Iterable[Position],
    ticks: Callable[[], float],
    longest_seconds: float = LONGEST_WAIT_SECONDS,
) -> bool:
    """Whether the view's checkpoints reach the positions in time. ticks: seconds, monotone."""
    wanted = list(positions)
    until, pause = ticks() + longest_seconds, _FIRST_PAUSE_SECONDS
    while not await reaches(documents, view, wanted):
        if ticks() >= until:
            return False
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    return True
