"""What was lost, doubled, cut or made up is found; what may be missing may be missing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.faults.ingestion import Fate, Request, Sent, time_of, values_of
from tests.faults.judging import Held, Series, TimedSeries, findings

POINTS = 3


def sent(*fates: Fate) -> list[Sent]:
    return [Sent(Request("ada", number, "run", POINTS, "json"), fate) for number, fate in enumerate(fates)]


def held(numbers: Sequence[int]) -> Held:
    """As a product that took these requests whole, in this order, would show it."""
    values = np.array([value for number in numbers for value in values_of(number, POINTS)])
    times = np.array([time_of(value) for value in values.tolist()])
    return Held(
        next=Series(np.arange(len(values), dtype=np.float64), values),
        at=TimedSeries(values, values, values // 100_000, times),
        params=set(numbers),
    )


@pytest.mark.parametrize("numbers", [[0, 1, 2], [0, 2]])
def test_what_nobody_answered_may_be_there_or_not(numbers: list[int]) -> None:
    assert findings(sent("acknowledged", "unknown", "acknowledged"), held(numbers)) == []


def test_nothing_sent_and_nothing_there_is_right() -> None:
    assert findings([], held([])) == []


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ([0], "request 1 was acknowledged, but its param is not there"),
        ([0, 1, 2], "request 2 was refused, but its param is there"),
        ([0, 1, 7], "params of requests that nobody sent: [7]"),
        ([0, 1, 1], "next: request 1 has 6 points instead of 3"),
        ([1, 0], "next: the values are not those that were sent, in their order"),
    ],
)
def test_lost_refused_unheard_doubled_and_shuffled_requests_are_found(numbers: list[int], sentence: str) -> None:
    assert sentence in findings(sent("acknowledged", "acknowledged", "refused"), held(numbers))


def test_half_a_request_is_found() -> None:
    whole = held([0, 1])
    cut = replace(whole, next=Series(whole.next.steps[:-1], whole.next.values[:-1]))
    assert "next: request 1 has 2 points instead of 3" in findings(sent("acknowledged", "unknown"), cut)
    without_param = replace(whole, params={0})
    assert "at: request 1 has 3 points instead of 0" in findings(sent("acknowledged", "unknown"), without_param)


@pytest.mark.parametrize("column", ["steps", "epochs", "times"])
def test_a_wrong_column_is_found(column: str) -> None:
    whole = held([0, 1])
    wrong = getattr(whole.at, column).copy()
    wrong[2] += 1
    (finding,) = findings(sent("acknowledged", "unknown"), replace(whole, at=replace(whole.at, **{column: wrong})))
    assert column.rstrip("s") in finding


def test_a_gap_in_automatic_steps_is_found() -> None:
    whole = held([0])
    gap = Series(whole.next.steps * 2, whole.next.values)
    assert findings(sent("acknowledged"), replace(whole, next=gap)) == [
        "next: the steps do not count from 0 without gaps"
    ]
