"""Asking the views again and again until they have come so far, for as long as a caller of a mutation waits."""

import asyncio
from collections.abc import Awaitable, Callable

WAIT_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.025

Progressed = Callable[[float], Awaitable[object]]
"""Returns when the views have moved on, or after so many seconds; which of both does not matter."""


async def poll(
    look: Callable[[], Awaitable[bool]], progressed: Progressed = asyncio.sleep, wait_seconds: float = WAIT_SECONDS
) -> bool:
    """Whether `look` says True in time.

    `progressed` is given where the projector lives in the same process: then nobody waits for a pause to end.
    """
    pause = _FIRST_PAUSE_SECONDS
    try:
        async with asyncio.timeout(wait_seconds):
            while not await look():
                await progressed(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
    except TimeoutError:
        return False
    return True
