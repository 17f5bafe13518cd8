import asyncio

from tests.unit.command_api.support import CALLER

from command_api.matyan.answers import Answer, taken
from command_api.matyan.frames import Frame
from command_api.matyan.patience import UNANSWERED, Patience


class Heard:
    """Frames, and what became of them."""

    def __init__(self) -> None:
        self.answers: list[tuple[bytes, str | None]] = []

    def frame(self, body: bytes, arrived: float) -> Frame:
        return Frame(body, body, CALLER, arrived, self._hear)

    async def something(self) -> None:
        """Until there is an answer more."""
        known = len(self.answers)
        while len(self.answers) == known:
            await asyncio.sleep(0.01)

    def _hear(self, frame: Frame, answer: Answer) -> None:
        self.answers.append((frame.digest, answer.error))


async def test_late_frames_are_told_in_order_and_those_behind_them_have_their_own_time() -> None:
    heard, patience = Heard(), Patience(1_000)
    now = asyncio.get_running_loop().time()
    late, answered, young = (heard.frame(b"%d" % age, now - age) for age in (2_000, 1_500, 999))
    for each in (late, answered, young):
        patience.watch(each)
    answered.settle(taken(1, ()))
    await heard.something()
    assert heard.answers == [(b"1500", None), (b"2000", UNANSWERED)]
    await heard.something()
    assert heard.answers[2:] == [(b"999", UNANSWERED)]


async def test_it_goes_on_after_it_had_nothing_to_watch() -> None:
    heard, patience = Heard(), Patience(0)
    for name in (b"a", b"b"):
        one = heard.frame(name, asyncio.get_running_loop().time())
        patience.watch(one)
        await heard.something()
    assert heard.answers == [(b"a", UNANSWERED), (b"b", UNANSWERED)]
