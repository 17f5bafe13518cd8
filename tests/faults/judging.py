"""Compares what a client sent with what the product holds. Pure; every finding is a sentence."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tests.faults.ingestion import SPAN, Sent, time_of

Floats = NDArray[np.float64]


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


def findings(sent: Sequence[Sent], held: Held) -> list[str]:
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


def _fates(sent: Sequence[Sent], found: set[int]) -> Iterator[str]:
    for each in sent:
        number = each.request.number
        if each.fate == "acknowledged" and number not in found:
            yield f"request {number} was acknowledged, but its param is not there"
        if each.fate == "refused" and number in found:
            yield f"request {number} was refused, but its param is there"
    unheard = found - {each.request.number for each in sent}
    if unheard:
        yield f"params of requests that nobody sent: {sorted(unheard)}"


def _values(name: str, series: Series, sent: Sequence[Sent], found: set[int]) -> Iterator[str]:
    """The values of the requests that are there, each one whole, in the order of sending, and no others."""
    lengths = {each.request.number: each.request.points for each in sent if each.request.number in found}
    numbers, counts = np.unique(series.values // SPAN, return_counts=True)
    present = dict(zip(numbers.astype(int).tolist(), counts.tolist(), strict=True))
    for number in sorted(lengths.keys() | present.keys()):
        wanted, there = lengths.get(number, 0), present.get(number, 0)
        if wanted != there:
            yield f"{name}: request {number} has {there} points instead of {wanted}"
    expected = [number * SPAN + np.arange(lengths[number], dtype=np.float64) for number in sorted(lengths)]
    if not np.array_equal(series.values, np.concatenate([np.empty(0), *expected])):
        yield f"{name}: the values are not those that were sent, in their order"


def _next_steps(series: Series) -> Iterator[str]:
    if not np.array_equal(series.steps, np.arange(len(series.values))):
        yield "next: the steps do not count from 0 without gaps"


def _at_columns(series: TimedSeries) -> Iterator[str]:
    if not np.array_equal(series.steps, series.values):
        yield "at: a value stands at another step than its own"
    if not np.array_equal(series.epochs, series.values // SPAN):
        yield "at: an epoch is another one than was sent"
    if not np.array_equal(series.times, np.array([time_of(value) for value in series.values.tolist()])):
        yield "at: a time is another one than was sent"
