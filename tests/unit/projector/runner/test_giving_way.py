import pytest

from projector.runner import giving_way as module
from projector.runner.giving_way import giving_way


class Clock:
    """Seconds pass when the test says so; what was seen so far is noted each time that way is given."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seen: list[int] = []
        self.gave_way: list[int] = []

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds == 0, "it waits for nobody: the views would fall behind"
        self.gave_way.append(len(self.seen))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def work(clock: Clock, seconds: list[float]) -> None:
    for number in giving_way(range(len(seconds))):
        clock.seen.append(number)
        clock.now += seconds[number]
    assert clock.seen == list(range(len(seconds)))


def test_way_is_given_whenever_a_slice_is_used_up(clock: Clock) -> None:
    work(clock, [0.0001, 0.0001, 0.0002, 0.0001, 0.005, 0.0001])
    assert clock.gave_way == [3, 5]


def test_short_work_is_not_interrupted(clock: Clock) -> None:
    work(clock, [0.00001] * 20)
    assert clock.gave_way == []


def test_nothing_comes_of_nothing(clock: Clock) -> None:
    work(clock, [])
    assert clock.gave_way == []
