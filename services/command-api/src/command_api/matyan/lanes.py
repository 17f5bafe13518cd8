"""One lane for each run: frames are appended in the order of their arrival, those that waited together at once."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from command_api.application.ingest.handler import record
from command_api.application.names import Names
from command_api.application.ports import Tools
from command_api.matyan.answers import Answer, not_taken
from command_api.matyan.frames import Frame, Translation, next_group, translate_frames
from contracts.errors import ClientError, Unavailable

_log = logging.getLogger(__name__)

_INLINE_BYTES = 32 << 10
"""A group up to this size is translated on the loop: a thread would cost more than it saves."""
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_BUG = "internal error: the frame was not taken"


class Lanes:
    """There is no timer: what arrives while an append is in flight waits for its end and shares the next one."""

    def __init__(self, tools: Tools, names: Names, appended: Callable[[], None] = lambda: None) -> None:
        """appended: hears of each append."""
        self._tools = tools
        self._names = names
        self._appended = appended
        self._waiting: dict[str, deque[Frame]] = {}
        self._working: set[asyncio.Task[None]] = set()

    def put(self, run_id: str, frame: Frame) -> None:
        """The frame's `answer` is set when its valid messages are durable, or when it is told that they are not."""
        waiting = self._waiting.get(run_id)
        if waiting is not None:
            waiting.append(frame)
            return
        self._waiting[run_id] = deque([frame])
        task = asyncio.create_task(self._work(run_id), name=f"lane {run_id}")
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def close(self, grace_seconds: float) -> None:
        """Finish what was received. What the log does not take in time is answered as not taken."""
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, run_id: str) -> None:
        waiting = self._waiting[run_id]
        try:
            while waiting:
                group = next_group(waiting)
                for _ in group:
                    waiting.popleft()
                await self._take(run_id, group)
        finally:
            # Reached with frames only if this task is cancelled: nobody may wait for ever.
            for frame in waiting:
                frame.settle(not_taken(_BUG))
            del self._waiting[run_id]

    async def _take(self, run_id: str, group: Sequence[Frame]) -> None:
        try:
            await self._persist(run_id, group)
        except ClientError as error:
            _settle(group, not_taken(error.message))
        except Exception:  # noqa: BLE001 - a bug of ours costs these frames, not those behind them
            _log.exception("frames of run %s were not taken", run_id)
        finally:
            _settle(group, not_taken(_BUG))

    async def _persist(self, run_id: str, group: Sequence[Frame]) -> None:
        """Until the log takes it, or until every client of the group has been told that it did not."""
        now = self._tools.clock()
        pause = _FIRST_PAUSE_SECONDS
        translated: list[Frame] = []
        while wanted := [frame for frame in group if not frame.is_settled]:
            if wanted != translated:
                translation, translated = await self._translated(wanted, now), wanted
            try:
                await record(
                    self._tools, self._names, wanted[0].caller, run_id, translation.together, None, translation.frame
                )
            except Unavailable as error:
                _log.warning("frames of run %s wait for the log: %s", run_id, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            self._appended()
            for frame, answer in zip(wanted, translation.answers, strict=True):
                frame.settle(answer)

    async def _translated(self, group: Sequence[Frame], now: float) -> Translation:
        if sum(frame.size for frame in group) <= _INLINE_BYTES:
            return translate_frames(group, now)
        return await self._tools.beside_loop(lambda: translate_frames(group, now))


def _settle(group: Sequence[Frame], answer: Answer) -> None:
    for frame in group:
        frame.settle(answer)
