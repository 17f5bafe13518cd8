"""Ranges over all series, and which steps and places of lists are shown: word for word as the streaming contract says.

The examples are those of its section 11.3; the properties restate its sentences without numpy.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import BadRequest
from contracts.events import ObjectKind
from contracts.read_models import ObjectSummary
from query_api.queries.object_ranges import (
    LISTED_KINDS,
    Range,
    Selection,
    check_density,
    ranges_of,
    shown_indices,
    thin_steps,
)

_steps = st.lists(st.integers(0, 10_000), unique=True, max_size=300).map(sorted)
_bounds = st.none() | st.integers(0, 1 << 62)


def summary(kind: ObjectKind, first: int, last: int, longest: int) -> ObjectSummary:
    return ObjectSummary(kind, "name", {}, None, first, last, longest, 1)


@pytest.mark.parametrize(
    ("steps", "density", "shown"), [(120, 50, 61), (99, 50, 99), (100, 50, 51), (1, 50, 1), (0, 5, 0)]
)
def test_as_many_steps_as_the_contract_counts(steps: int, density: int, shown: int) -> None:
    assert len(thin_steps(np.arange(steps), density)) == shown


@given(_steps, st.integers(1, 400))
def test_every_stride_th_step_from_the_first_and_the_last(steps: list[int], density: int) -> None:
    stride = max(1, len(steps) // density)
    expected = [step for place, step in enumerate(steps) if place % stride == 0 or place == len(steps) - 1]
    assert thin_steps(np.array(steps, np.int64), density).tolist() == expected
    assert len(expected) <= 2 * density


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 80), st.integers(0, 60))
def test_places_follow_the_range_and_not_the_list(start: int, stop: int, density: int, length: int) -> None:
    stride = max(1, (stop - start) // density)
    expected = [place for place in range(length) if start <= place < stop and (place - start) % stride == 0]
    assert list(shown_indices(Range(start, stop), density, length)) == expected


def test_a_single_object_counts_as_the_first_place() -> None:
    assert list(shown_indices(Range(0, 9), 5, 1)) == [0]
    assert list(shown_indices(Range(1, 9), 5, 1)) == []


@pytest.mark.parametrize("kind", ["images", "audios", "texts", "distributions", "figures"])
def test_ranges_span_all_series(kind: ObjectKind) -> None:
    known = [summary(kind, 5, 9, 2), summary(kind, 0, 3, 7), summary(kind, 2, 2, 1)]
    ranges = ranges_of(kind, known, Selection())
    assert ranges.record_used == ranges.record_total == Range(0, 10)
    expected = Range(0, 7) if kind in LISTED_KINDS else None
    assert ranges.index_used == ranges.index_total == expected


@given(_bounds, _bounds, _bounds, _bounds)
def test_what_was_asked_for_is_echoed_even_outside(
    start: int | None, stop: int | None, first: int | None, end: int | None
) -> None:
    ranges = ranges_of("images", [summary("images", 3, 8, 4)], Selection((start, stop), 50, (first, end), 5))
    assert ranges.record_used == Range(3 if start is None else start, 9 if stop is None else stop)
    assert ranges.index_used == Range(0 if first is None else first, 4 if end is None else end)
    assert (ranges.record_total, ranges.index_total) == (Range(3, 9), Range(0, 4))


@pytest.mark.parametrize("density", [0, -1, -(10**30)])
def test_a_density_is_positive(density: int) -> None:
    with pytest.raises(BadRequest, match=r"Density must be greater than 0\."):
        check_density(density)
