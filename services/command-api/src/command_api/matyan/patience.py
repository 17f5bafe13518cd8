"""How long clients wait for an answer."""

import asyncio
from collections import deque

from command_api.matyan.answers import not_taken
from command_api.matyan.frames import Frame

PATIENCE_SECONDS = 40.0
"""After a frame's first arrival the client hears something: 45 s of silence end its sender for good."""

UNANSWERED = "the event log did not take the frame in time; it is lost unless the client sends it again"


class Patience:
    """Settles what nobody else has settled in time. For one event loop.

    One timer for all frames, that of the oldest: one for each costs more than a frame's bytes do.
    """

    def __init__(self, seconds: float = PATIENCE_SECONDS) -> None:
        self._seconds = seconds
        self._frames: deque[Frame] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, frame: Frame) -> None:
        """Frames come in the order of their arrival."""
        frames = self._frames
        while frames and frames[0].is_settled:
            frames.popleft()
        frames.append(frame)
        if self._timer is None:
            self._wait_for(frame)

    def _wait_for(self, frame: Frame) -> None:
        self._timer = asyncio.get_running_loop().call_at(frame.arrived + self._seconds, self._tell)

    def _tell(self) -> None:
        """Of those that are late; the timer goes on with the first that is not."""
        self._timer = None
        latest = asyncio.get_running_loop().time() - self._seconds
        while self._frames:
            frame = self._frames[0]
            if not frame.is_settled and frame.arrived > latest:
                self._wait_for(frame)
                return
            self._frames.popleft()
            frame.settle(not_taken(UNANSWERED))
