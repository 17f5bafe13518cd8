"""What was lost, doubled, cut or made up is found; what may be missing may be missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.faults.changes import Change, Fate, Told
from tests.faults.ingestion import Request, Sent, time_of, values_of
from tests.faults.judging import Finding, Held, Series, TimedSeries, findings, item_findings, property_findings

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
    ("numbers", "finding"),
    [
        ([0], Finding("lost", "request 1 was acknowledged, but its param is not there")),
        ([0, 1, 2], Finding("wrong", "request 2 was refused, but its param is there")),
        ([0, 1, 7], Finding("wrong", "params of requests that nobody sent: [7]")),
        ([0, 1, 1], Finding("doubled", "next: request 1 has 6 points instead of 3")),
        ([1, 0], Finding("wrong", "next: the values are not those that were sent, in their order")),
    ],
)
def test_lost_refused_unheard_doubled_and_shuffled_requests_are_found(numbers: list[int], finding: Finding) -> None:
    assert finding in findings(sent("acknowledged", "acknowledged", "refused"), held(numbers))


def test_half_a_request_is_found() -> None:
    whole = held([0, 1])
    cut = replace(whole, next=Series(whole.next.steps[:-1], whole.next.values[:-1]))
    cut_finding = Finding("lost", "next: request 1 has 2 points instead of 3")
    assert cut_finding in findings(sent("acknowledged", "unknown"), cut)
    without_param = replace(whole, params={0})
    more_finding = Finding("doubled", "at: request 1 has 3 points instead of 0")
    assert more_finding in findings(sent("acknowledged", "unknown"), without_param)


@pytest.mark.parametrize("column", ["steps", "epochs", "times"])
def test_a_wrong_column_is_found(column: str) -> None:
    whole = held([0, 1])
    wrong = getattr(whole.at, column).copy()
    wrong[2] += 1
    (finding,) = findings(sent("acknowledged", "unknown"), replace(whole, at=replace(whole.at, **{column: wrong})))
    assert column.rstrip("s") in finding.sentence


def test_a_gap_in_automatic_steps_is_found() -> None:
    whole = held([0])
    gap = Series(whole.next.steps * 2, whole.next.values)
    assert findings(sent("acknowledged"), replace(whole, next=gap)) == [
        Finding("wrong", "next: the steps do not count from 0 without gaps")
    ]


def told(items: str, fate: Fate, **sets: str) -> Told:
    return Told(Change("run", frozenset(items), sets), fate)


TOLD = [told("ab", "acknowledged"), told("bc", "unknown"), told("d", "refused"), told("ef", "unknown")]


@pytest.mark.parametrize("found", ["ab", "abc", "abef", "abcef"])
def test_each_item_is_there_once_or_not_as_its_fates_say(found: str) -> None:
    assert item_findings(TOLD, Counter(found)) == []


@pytest.mark.parametrize(
    ("found", "kind", "sentence"),
    [
        ("b", "lost", "acknowledged, but not there: a"),
        ("aba", "doubled", "there 2 times: a"),
        ("abcc", "doubled", "there 2 times: c"),
        ("abd", "wrong", "refused, but there: d"),
        ("abx", "wrong", "nobody sent: x"),
        ("abe", "wrong", "a request is there in part: 1 of 2 of ['e', 'f']"),
    ],
)
def test_items_that_are_not_as_told_are_found(found: str, kind: str, sentence: str) -> None:
    assert [(each.kind, each.sentence) for each in item_findings(TOLD, Counter(found))] == [(kind, sentence)]


@pytest.mark.parametrize(("name", "right"), [("1", True), ("2", True), ("0", False), ("3", False), ("", False)])
def test_the_last_acknowledged_value_counts_or_a_later_one_that_nobody_answered(name: str, right: bool) -> None:
    sets = [
        told("", "unknown", name="0"),
        told("", "acknowledged", name="1"),
        told("", "unknown", name="2"),
        told("", "refused", name="3"),
    ]
    assert (property_findings(sets, {"name": name} if name else {}) == []) is right


def test_a_property_that_nobody_was_promised_may_be_anything() -> None:
    assert property_findings([told("", "unknown", name="0")], {"name": "as it began"}) == []
