"""One lane for each run: frames are appended in the order of their arrival, those that waited together at once."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from command_api.application.ingest.handler import plain_records, record
from command_api.application.names import Names
from command_api.application.ports import Tools
from command_api.matyan.answers import Answer, not_taken
from command_api.matyan.frames import Frame, Translation, next_group, translate_frames
from contracts.errors import ClientError, Unavailable
from stores.eventlog.port import NewRecord

_log = logging.getLogger(__name__)

_INLINE_BYTES = 32 << 10
"""A group up to this size is translated on the loop: a thread would cost more than it saves."""
_TURN_BYTES = 128 << 10
"""Of all groups that share an append: the loop is held up for some 10 ms while so much is translated."""
_TURN_SECONDS = 0.05
"""How long a turn waits at most for the append of the one before: a partition that hangs is not everybody's."""
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_BUG = "internal error: the frame was not taken"


class _Lot(NamedTuple):
    """What a turn takes from one lane, ready to be appended."""

    run_id: str
    group: Sequence[Frame]
    translation: Translation
    records: Sequence[NewRecord]


class Lanes:
    """There is no timer: what arrives while an append is in flight waits for its end and shares the next one.

    Small frames of all runs take turns together, one append for all of them: with 200 clients a task and an append for
    each frame cost more than what is in it. What needs more than that (names, content, large frames, a log that is
    away) goes on in a task of its run.
    """

    def __init__(self, tools: Tools, names: Names, appended: Callable[[], None] = lambda: None) -> None:
        """appended: hears of each append."""
        self._tools = tools
        self._names = names
        self._appended = appended
        self._waiting: dict[str, deque[Frame]] = {}
        """By run; a run is in it from its first frame on until all are settled, whoever works on them."""
        self._ready: deque[str] = deque()
        """The runs whose frames wait for the next turn."""
        self._taking_turns = False
        self._working: set[asyncio.Task[None]] = set()

    def put(self, run_id: str, frame: Frame) -> None:
        """The frame is settled when its valid messages are durable, or when it is told that they are not."""
        waiting = self._waiting.get(run_id)
        if waiting is not None:
            waiting.append(frame)
            return
        self._waiting[run_id] = deque([frame])
        self._next_turn(run_id)

    async def close(self, grace_seconds: float) -> None:
        """Finish what was received. What the log does not take in time is answered as not taken."""
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_seconds
        while self._working and (left := end - loop.time()) > 0:
            await asyncio.wait(self._working, timeout=left)
        # A task that never ran would be cancelled without having settled anything.
        await asyncio.sleep(0)
        late = list(self._working)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    def _next_turn(self, run_id: str) -> None:
        self._ready.append(run_id)
        if not self._taking_turns:
            self._taking_turns = True
            self._start(self._take_turns(), "turns")

    async def _take_turns(self) -> None:
        try:
            while self._ready:
                lots = self._lots()
                if lots:
                    appending = self._start(self._append(lots), "turn")
                    await asyncio.wait({appending}, timeout=_TURN_SECONDS)
                else:
                    await asyncio.sleep(0)
        finally:
            # Reached with runs only if this task is cancelled: nobody may wait for ever.
            self._taking_turns = False
            while self._ready:
                self._abandon(self._ready.popleft())

    def _lots(self) -> list[_Lot]:
        """The next group of each run that is ready, up to a bound; those that no turn can take begin their own task."""
        lots: list[_Lot] = []
        size = 0
        while self._ready and size < _TURN_BYTES:
            run_id = self._ready.popleft()
            group = [frame for frame in self._pop_group(run_id) if not frame.is_settled]
            group_size = _size(group)
            if not group:
                self._go_on(run_id)
            elif group_size > _INLINE_BYTES:
                self._go_alone(run_id, group, None)
            elif (lot := self._lot(run_id, group)) is not None:
                size += group_size
                lots.append(lot)
        return lots

    def _lot(self, run_id: str, group: Sequence[Frame]) -> _Lot | None:
        """None if there is nothing for a turn to do: the run has a task of its own, or its frames are settled."""
        try:
            translation = translate_frames(group, self._tools.clock())
            together, frame = translation.together, translation.frame
            records = plain_records(self._tools, group[0].caller, run_id, together, frame)
        except Exception as error:  # noqa: BLE001 - a bug of ours costs these frames, not those of other runs
            _refuse(run_id, group, error)
            self._go_on(run_id)
            return None
        if not records:
            self._go_alone(run_id, group, translation)
            return None
        return _Lot(run_id, group, translation, records)

    async def _append(self, lots: Sequence[_Lot]) -> None:
        try:
            await self._tools.log.append([record for lot in lots for record in lot.records])
        except Exception as error:  # noqa: BLE001 - each lane hears for itself what is wrong with its own frames
            if len(lots) == 1 and not isinstance(error, Unavailable):
                _refuse(lots[0].run_id, lots[0].group, error)
                self._go_on(lots[0].run_id)
                return
            for lot in lots:
                self._go_alone(lot.run_id, lot.group, lot.translation)
            return
        except asyncio.CancelledError:
            for lot in lots:
                _settle(lot.group, not_taken(_BUG))
                self._abandon(lot.run_id)
            raise
        self._appended()
        for lot in lots:
            _settle_each(lot.group, lot.translation)
            self._go_on(lot.run_id)

    def _pop_group(self, run_id: str) -> list[Frame]:
        waiting = self._waiting[run_id]
        group = next_group(waiting)
        for _ in group:
            waiting.popleft()
        return group

    def _go_on(self, run_id: str) -> None:
        if self._waiting[run_id]:
            self._next_turn(run_id)
        else:
            del self._waiting[run_id]

    def _go_alone(self, run_id: str, group: Sequence[Frame], translation: Translation | None) -> None:
        self._start(self._work(run_id, group, translation), f"lane {run_id}")

    def _abandon(self, run_id: str) -> None:
        _settle(self._waiting.pop(run_id), not_taken(_BUG))

    async def _work(self, run_id: str, group: Sequence[Frame], translation: Translation | None) -> None:
        """One group by itself, however long it takes; what came meanwhile waits for a turn again."""
        try:
            await self._persist(run_id, group, translation)
        except Exception as error:  # noqa: BLE001 - a bug of ours costs these frames, not those behind them
            _refuse(run_id, group, error)
        except asyncio.CancelledError:
            _settle(group, not_taken(_BUG))
            self._abandon(run_id)
            raise
        self._go_on(run_id)

    async def _persist(self, run_id: str, group: Sequence[Frame], translation: Translation | None) -> None:
        """Until the log takes it, or until every client of the group has been told that it did not."""
        now = self._tools.clock()
        pause = _FIRST_PAUSE_SECONDS
        translated = group
        while wanted := [frame for frame in group if not frame.is_settled]:
            if translation is None or wanted != translated:
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
            _settle_each(wanted, translation)

    async def _translated(self, group: Sequence[Frame], now: float) -> Translation:
        if _size(group) <= _INLINE_BYTES:
            return translate_frames(group, now)
        return await self._tools.beside_loop(lambda: translate_frames(group, now))


def _size(group: Sequence[Frame]) -> int:
    return sum(frame.size for frame in group)


def _refuse(run_id: str, group: Sequence[Frame], error: Exception) -> None:
    if isinstance(error, ClientError):
        _settle(group, not_taken(error.message))
        return
    _log.error("frames of run %s were not taken", run_id, exc_info=error)
    _settle(group, not_taken(_BUG))


def _settle_each(group: Sequence[Frame], translation: Translation) -> None:
    for frame, answer in zip(group, translation.answers, strict=True):
        frame.settle(answer)


def _settle(group: Sequence[Frame] | deque[Frame], answer: Answer) -> None:
    for frame in group:
        frame.settle(answer)
