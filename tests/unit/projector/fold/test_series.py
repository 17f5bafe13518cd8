"""Steps that clients left out, and summaries of series."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.projector.fold.builders import T0, columns_of, fold_all, listed_of, run_of, table_tracked, tracked

from contracts.errors import InvalidEvent
from contracts.events import MetricsTracked, Series
from contracts.keys import context_key
from contracts.metric_points import MetricColumns, unpack_columns
from contracts.read_models import SeriesSummary
from projector.fold.run_state import RunState
from projector.fold.series import fold_columns_of_few, fold_many

Points = Sequence[tuple[int | None, float]]


def steps_of(*batches: Points) -> list[int]:
    """The steps of the last batch."""
    return [int(step) for step in columns_of(fold_all([tracked(points) for points in batches])[1][-1]).steps]


def summary_of(*batches: Points, dtype: str | None = "float") -> SeriesSummary:
    return run_of(*(tracked(points, dtype=dtype) for points in batches)).series["loss", 0]


@pytest.mark.parametrize(
    ("batches", "steps"),
    [
        ([[(None, 1.0), (None, 1.0)]], [0, 1]),
        ([[(None, 1.0)], [(None, 1.0)]], [1]),
        ([[(10, 1.0)], [(None, 1.0), (3, 1.0), (None, 1.0)]], [11, 3, 12]),
        ([[(None, 1.0), (7, 1.0), (None, 1.0), (2, 1.0), (None, 1.0)]], [0, 7, 8, 2, 9]),
        ([[(-5, 1.0), (None, 1.0)]], [-5, -4]),
        ([[(None, 1.0), (-5, 1.0), (None, 1.0)]], [0, -5, 1]),
        ([[(-5, 1.0)], [(None, 1.0)]], [-4]),
    ],
)
def test_a_step_left_out_is_the_highest_so_far_plus_one(batches: list[Points], steps: list[int]) -> None:
    assert steps_of(*batches) == steps


def test_steps_left_out_count_for_each_series_alone() -> None:
    table = [Series("a", {}), Series("b", {}), Series("a", {"x": 1})]
    event = table_tracked(table, [(0, None, 1.0), (1, 4, 1.0), (2, None, 1.0), (1, None, 1.0), (0, None, 1.0)])
    assert columns_of(fold_all([event])[1][0]).steps.tolist() == [0, 4, 0, 5, 1]


def test_no_step_follows_the_highest_of_all() -> None:
    with pytest.raises(InvalidEvent):
        steps_of([((1 << 63) - 1, 1.0)], [(None, 1.0)])
    with pytest.raises(InvalidEvent):
        steps_of([((1 << 63) - 2, 1.0), (None, 1.0), (None, 1.0)])
    assert steps_of([((1 << 63) - 2, 1.0), (None, 1.0)])[-1] == (1 << 63) - 1
    assert steps_of([(1 - (1 << 63), 1.0), (0, 1.0), (None, 1.0)])[-1] == 1


def test_first_is_the_first_point_logged_and_last_stands_at_the_highest_step() -> None:
    summary = summary_of([(5, 1.0), (9, 2.0), (3, 3.0)], [(1, 4.0)])
    assert (summary.first_step, summary.first) == (5, 1.0)
    assert (summary.last_step, summary.last) == (9, 2.0)


@pytest.mark.parametrize("batches", [[[(9, 2.0), (9, 8.0)]], [[(9, 2.0)], [(9, 8.0)]]])
def test_rewriting_the_highest_step_does_not_change_last_but_counts_for_max(batches: list[Points]) -> None:
    summary = summary_of(*batches)
    assert (summary.last, summary.max, summary.min) == (2.0, 8.0, 2.0)


def test_min_and_max_ignore_nan_but_not_infinities() -> None:
    summary = summary_of([(0, math.nan), (1, 3.0)], [(2, -math.inf), (3, math.nan), (4, math.inf)])
    assert (summary.min, summary.max) == (-math.inf, math.inf)
    assert math.isnan(summary.first)


def test_a_series_of_nan_alone_has_no_min_and_no_max() -> None:
    summary = summary_of([(0, math.nan)], [(1, math.nan)])
    assert (summary.min, summary.max) == (None, None)
    assert (summary_of([(0, math.nan)], [(1, 2.0)]).min, summary_of([(0, 2.0)], [(1, math.nan)]).max) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("logged", "dtype"),
    [
        (["int", "int"], "int"),
        (["float", "float32"], "float"),
        ([None, "Tensor"], "float"),
        (["int", "float"], "number"),
        (["float", "int", "float"], "number"),
        (["bool"], "float"),
    ],
)
def test_the_type_of_a_series_is_mixed_once_it_was_mixed(logged: list[str | None], dtype: str) -> None:
    state = run_of(*(tracked([(i, 1.0)], dtype=one) for i, one in enumerate(logged)))
    assert state.series["loss", 0].dtype == dtype


@pytest.mark.parametrize("value", [0.5, math.nan, math.inf, 1e300, float(1 << 63)])
def test_a_series_is_of_integers_only_while_all_values_are(value: float) -> None:
    assert summary_of([(0, 1.0)], [(1, value)], dtype="int").dtype == "number"
    assert summary_of([(0, value)], dtype="int").dtype == "float"


def test_one_context_is_one_series_whatever_its_key_order_or_entry_in_the_table() -> None:
    table = [Series("a", {"x": 1, "y": 2}, "int"), Series("a", {"y": 2, "x": 1}, "float")]
    state, outcomes = fold_all([table_tracked(table, [(1, None, 1.0), (0, None, 2.0), (1, None, 3.0)])])
    columns = columns_of(outcomes[0])
    assert columns.series.tolist() == [0, 0, 0]
    assert columns.steps.tolist() == [0, 1, 2]
    assert state is not None
    assert state.series == {
        ("a", context_key({"x": 1, "y": 2})): SeriesSummary("a", {"x": 1, "y": 2}, "number", 0, 1.0, 2, 3.0, 1.0, 3.0)
    }


def test_an_entry_of_the_table_without_points_is_no_series() -> None:
    state = run_of(table_tracked([Series("a", {}), Series("b", {})], [(1, 0, 1.0)]))
    assert list(state.series) == [("b", 0)]


@pytest.mark.parametrize("index", [-1, 1])
def test_a_point_outside_the_table_is_invalid(index: int) -> None:
    outside = table_tracked([Series("a", {})], [(index, 0, 1.0)])
    for event in (outside, listed_of(outside)):
        with pytest.raises(InvalidEvent):
            fold_all([event])


def test_a_context_without_identity_is_invalid() -> None:
    with pytest.raises(InvalidEvent):
        fold_all([table_tracked([Series("a", {"x": {1: 1, "b": 2}})], [(0, 0, 1.0)])])


def test_points_that_cannot_be_read_are_invalid() -> None:
    with pytest.raises(InvalidEvent):
        fold_all([MetricsTracked(series=(Series("a", {}),), count=1, points=b"nonsense")])


def test_accepted_columns_hold_every_point_as_logged() -> None:
    columns = columns_of(fold_all([tracked([(3, 1.0), (3, 2.0), (None, 3.0)])])[1][0])
    assert columns.values.tolist() == [1.0, 2.0, 3.0]
    assert columns.steps.tolist() == [3, 3, 4]
    assert columns.times.tolist() == [T0, T0 + 1, T0 + 2]
    assert np.isnan(columns.epochs).all()


class SlowSeries:
    """The rules, one point at a time."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float, bool]] = []

    def log(self, step: int | None, value: float, dtype: str | None) -> int:
        if step is None:
            step = max((known for known, _, _ in self.points), default=-1) + 1
        self.points.append((step, value, dtype == "int" and value == value and value in {-1.0, 0.0, 2.0}))
        return step

    def summary(self, name: str) -> SeriesSummary:
        highest = max(step for step, _, _ in self.points)
        last = next(value for step, value, _ in self.points if step == highest)
        numbers = [value for _, value, _ in self.points if value == value]
        kinds = {integer for _, _, integer in self.points}
        dtype = "number" if len(kinds) == 2 else "int" if kinds == {True} else "float"
        first_step, first, _ = self.points[0]
        return SeriesSummary(
            name, {}, dtype, first_step, first, highest, last, min(numbers, default=None), max(numbers, default=None)
        )


TABLE = (Series("a", {}, "int"), Series("b", {}, "float"), Series("c", {}, None), Series("a", {}, "float"))
a_point = st.tuples(
    st.integers(0, len(TABLE) - 1),
    st.one_of(st.none(), st.integers(-4, 12)),
    st.sampled_from([-1.0, 0.0, 2.0, 0.5, -3.25, math.nan, math.inf, -math.inf]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(a_point, min_size=1, max_size=12), min_size=1, max_size=6))
def test_whole_columns_give_what_single_points_would(batches: list[list[tuple[int, int | None, float]]]) -> None:
    slow: dict[str, SlowSeries] = {}
    state: RunState | None = None
    for offset, batch in enumerate(batches):
        expected = []
        for entry, step, value in batch:
            series = slow.setdefault(TABLE[entry].name, SlowSeries())
            expected.append(series.log(step, value, TABLE[entry].dtype))
        state, outcomes = fold_all([table_tracked(TABLE, batch)], state, offset)
        assert columns_of(outcomes[0]).steps.tolist() == expected
    assert state is not None
    assert repr({key[0]: summary for key, summary in sorted(state.series.items())}) == repr(
        {name: series.summary(name) for name, series in sorted(slow.items())}
    )


edge_points = st.tuples(
    st.integers(0, len(TABLE) - 1),
    st.one_of(st.none(), st.integers(-4, 12), st.sampled_from([-(1 << 63) + 1, -(1 << 63) + 3, (1 << 63) - 1])),
    st.sampled_from([0.0, 2.0, 0.5, 2.0**63, -(2.0**63), math.nan, math.inf]),
)
KNOWN = {("b", 0): SeriesSummary("b", {}, "float", 0, 0.0, 7, 1.0, 0.0, 1.0)}


Fold = Callable[..., tuple[Any, MetricColumns]]


@settings(max_examples=300, deadline=None)
@given(st.lists(edge_points, min_size=1, max_size=12))
def test_few_points_fold_as_whole_columns_do(points: list[tuple[int, int | None, float]]) -> None:
    event = table_tracked(TABLE, points)
    columns = unpack_columns(event.points, event.count)

    def told(fold: Fold) -> str:
        """Whatever may differ, floats to the letter."""
        try:
            touched, accepted = fold(KNOWN, TABLE, columns)
        except InvalidEvent as error:
            return error.message
        return repr((touched, accepted.series.tolist(), accepted.steps.tolist(), accepted.values.tolist()))

    assert told(fold_columns_of_few) == told(fold_many)
