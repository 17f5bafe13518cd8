"""Compares what clients sent with what the product holds. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tests.faults.changes import ABSENT, Told
from tests.faults.ingestion import SPAN, Sent, time_of

Floats = NDArray[np.float64]


class Finding(NamedTuple):
    """lost: acknowledged and not there. doubled: there more often than sent. wrong: everything else."""

    kind: Literal["lost", "doubled", "wrong"]
    sentence: str


@dataclass(frozen=True)
class Series:
    """Columns of one length, in the order of the steps."""

    steps: Floats
    values: Floats


@dataclass(frozen=True)
class TimedSeries(Series):
    epochs: Floats
    times: Floats


@dataclass(frozen=True)
class Held:
    """What one run holds of one client. params: the numbers of the requests whose param is there."""

    next: Series
    at: TimedSeries
    params: Collection[int]


def findings(sent: Sequence[Sent], held: Held) -> list[Finding]:
    """sent: all that this client sent for this run, in its order. Empty: every acknowledged request is there exactly
    once, no refused one is, and every other one is there wholly or not at all."""
    found = set(held.params)
    return [
        *_fates(sent, found),
        *_values("next", held.next, sent, found),
        *_values("at", held.at, sent, found),
        *_next_steps(held.next),
        *_at_columns(held.at),
    ]


def item_findings(told: Sequence[Told], found: Counter[str]) -> list[Finding]:
    """told: all that anybody sent for this run. found: every label that the run shows, as often as it shows it."""
    asked = Counter(item for each in told for item in each.change.items)
    acknowledged = {item for each in told if each.fate == "acknowledged" for item in each.change.items}
    open_ones = {item for each in told if each.fate == "unknown" for item in each.change.items}
    lost = [Finding("lost", f"acknowledged, but not there: {item}") for item in sorted(acknowledged - found.keys())]
    doubled = [
        Finding("doubled", f"there {times} times: {item}")
        for item, times in sorted(found.items())
        if times > 1 and item in asked
    ]
    refused = asked.keys() - acknowledged - open_ones
    wrong = [f"refused, but there: {item}" for item in sorted(refused & found.keys())]
    wrong += [f"nobody sent: {item}" for item in sorted(found.keys() - asked.keys())]
    wrong += _halves(told, asked, found)
    return [*lost, *doubled, *(Finding("wrong", sentence) for sentence in wrong)]


def property_findings(told: Sequence[Told], found: Mapping[str, str]) -> list[Finding]:
    """told: in the order of sending, at least for each property. found: as the run shows them now.

    What nobody answered may have taken effect or not, as long as nothing acknowledged came after it.
    """
    possible: dict[str, list[str]] = defaultdict(list)
    answered: set[str] = set()
    for each in told:
        for name, value in each.change.sets.items():
            if each.fate == "acknowledged":
                possible[name] = [value]
                answered.add(name)
            elif each.fate == "unknown":
                possible[name].append(value)
    return [
        Finding("lost", f"{name} is {found.get(name, ABSENT)!r} and none of {values}")
        for name, values in possible.items()
        if name in answered and found.get(name, ABSENT) not in values
    ]


def _halves(told: Sequence[Told], asked: Counter[str], found: Counter[str]) -> Iterator[str]:
    """Of requests that nobody answered: an append is whole or is not. What others asked for as well says nothing."""
    for each in told:
        own = [item for item in each.change.items if asked[item] == 1]
        there = sum(item in found for item in own)
        if each.fate == "unknown" and 0 < there < len(own):
            yield f"a request is there in part: {there} of {len(own)} of {sorted(own)}"


def _fates(sent: Sequence[Sent], found: set[int]) -> Iterator[Finding]:
    for each in sent:
        number = each.request.number
        if each.fate == "acknowledged" and number not in found:
            yield Finding("lost", f"request {number} was acknowledged, but its param is not there")
        if each.fate == "refused" and number in found:
            yield Finding("wrong", f"request {number} was refused, but its param is there")
    unheard = found - {each.request.number for each in sent}
    if unheard:
        yield Finding("wrong", f"params of requests that nobody sent: {sorted(unheard)}")


def _values(name: str, series: Series, sent: Sequence[Sent], found: set[int]) -> Iterator[Finding]:
    """The values of the requests that are there, each one whole, in the order of sending, and no others."""
    lengths = {each.request.number: each.request.points for each in sent if each.request.number in found}
    numbers, counts = np.unique(series.values // SPAN, return_counts=True)
    present = dict(zip(numbers.astype(int).tolist(), counts.tolist(), strict=True))
    for number in sorted(lengths.keys() | present.keys()):
        wanted, there = lengths.get(number, 0), present.get(number, 0)
        if wanted != there:
            kind: Literal["lost", "doubled"] = "lost" if there < wanted else "doubled"
            yield Finding(kind, f"{name}: request {number} has {there} points instead of {wanted}")
    expected = [number * SPAN + np.arange(lengths[number], dtype=np.float64) for number in sorted(lengths)]
    if not np.array_equal(series.values, np.concatenate([np.empty(0), *expected])):
        yield Finding("wrong", f"{name}: the values are not those that were sent, in their order")


def _next_steps(series: Series) -> Iterator[Finding]:
    if not np.array_equal(series.steps, np.arange(len(series.values))):
        yield Finding("wrong", "next: the steps do not count from 0 without gaps")


def _at_columns(series: TimedSeries) -> Iterator[Finding]:
    if not np.array_equal(series.steps, series.values):
        yield Finding("wrong", "at: a value stands at another step than its own")
    if not np.array_equal(series.epochs, series.values // SPAN):
        yield Finding("wrong", "at: an epoch is another one than was sent")
    if not np.array_equal(series.times, np.array([time_of(value) for value in series.values.tolist()])):
        yield Finding("wrong", "at: a time is another one than was sent")
