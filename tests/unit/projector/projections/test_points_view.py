"""Rows of metric points."""

import math
from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.projector.fold.builders import RUN, T0, at, listed_of, recorded, run_of, table_tracked, tracked

from contracts.events import ParamsSet, RunCreated, RunDeleted, Series, TombstoneCleared
from contracts.keys import context_key, data_key
from contracts.read_models.points import PointRows
from projector.fold.outcome import Applied
from projector.fold.runs import fold_run
from projector.projections.points import gathered, listed_rows, rows_for

TABLE = (Series("a", {}), Series("b", {"x": 1}), Series("a", {}, "int"))


def rows(points: list[tuple[int, int | None, float]], offset: int = 7) -> PointRows:
    state, outcome = fold_run(None, recorded(table_tracked(TABLE, points)), at(offset))
    assert isinstance(outcome, Applied)
    assert state is not None
    made = rows_for(outcome, state, at(offset))
    assert made is not None
    return made


def test_a_row_says_everything_about_its_point() -> None:
    made = rows([(1, 4, 0.5)])
    assert made.names == ["b"]
    assert made.data_keys.tolist() == [data_key(RUN, 1)]
    assert made.contexts.tolist() == [context_key({"x": 1})]
    assert (made.steps.tolist(), made.values.tolist(), made.times.tolist()) == ([4], [0.5], [T0])
    assert math.isnan(made.epochs[0])
    assert made.versions.tolist() == [at(7).version]


def test_columns_have_the_types_of_the_port() -> None:
    made = rows([(0, None, 1.0), (1, None, 2.0)])
    assert {made.data_keys.dtype, made.contexts.dtype} == {np.dtype(np.uint64)}
    assert {made.steps.dtype, made.versions.dtype} == {np.dtype(np.int64)}


def test_of_equal_steps_in_one_event_the_last_is_kept_whole() -> None:
    made = rows([(0, 3, 1.0), (1, 3, 2.0), (2, 3, 3.0), (0, 1, 4.0)])
    assert list(zip(made.names, made.steps.tolist(), made.values.tolist(), strict=True)) == [
        ("a", 1, 4.0),
        ("a", 3, 3.0),
        ("b", 3, 2.0),
    ]
    assert made.times.tolist() == [T0 + 3, T0 + 2, T0 + 1]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.none() | st.integers(-2, 5), st.integers(0, 99).map(float)),
        min_size=1,
        max_size=20,
    )
)
def test_rows_are_what_a_table_by_step_would_hold(points: list[tuple[int, int | None, float]]) -> None:
    table: dict[tuple[str, int], float] = {}
    for entry, step, value in points:
        name = TABLE[entry].name
        resolved = max((known for one, known in table if one == name), default=-1) + 1 if step is None else step
        table[name, resolved] = value
    made = rows(points)
    assert dict(zip(zip(made.names, made.steps.tolist(), strict=True), made.values.tolist(), strict=True)) == table
    assert len(made) == len(table)


def test_rows_of_a_new_incarnation_have_a_key_of_their_own() -> None:
    event = tracked([(0, 1.0)])
    state = run_of(event, RunDeleted(), TombstoneCleared())
    reborn, outcome = fold_run(state, recorded(event), at(3))
    assert reborn is not None
    assert isinstance(outcome, Applied)
    made = rows_for(outcome, reborn, at(3))
    assert made is not None
    assert made.data_keys.tolist() == [data_key(RUN, 2)]


def test_an_event_without_points_gives_no_rows() -> None:
    assert rows_for(Applied(ParamsSet(path=("a",), value=1)), run_of(RunCreated(at=T0)), at(0)) is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 2),
                st.none() | st.integers(-2, 5),
                st.integers(0, 99).map(float) | st.sampled_from([math.nan, math.inf, 0.5]),
            ),
            min_size=1,
            max_size=6,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_points_mean_the_same_whether_they_are_listed_or_columns(
    batches: list[list[tuple[int, int | None, float]]],
) -> None:
    listed_state = column_state = None
    for offset, points in enumerate(batches):
        event = table_tracked(TABLE, points)
        column_state, columns = fold_run(column_state, recorded(event), at(offset))
        listed_state, listed = fold_run(listed_state, recorded(listed_of(event)), at(offset))
        assert isinstance(columns, Applied)
        assert isinstance(listed, Applied)
        assert column_state is not None
        assert listed_state is not None
        assert repr(listed_state) == repr(column_state)
        (rows_of_list,) = gathered(listed_rows(listed, listed_state, at(offset)))
        assert shown(rows_of_list) == shown(rows_for(columns, column_state, at(offset)))


def shown(made: PointRows | None) -> list[str]:
    """Columns with their types, floats to the letter."""
    assert made is not None
    columns = [getattr(made, field.name) for field in fields(made)]
    return [repr(column) if isinstance(column, list) else f"{column.dtype} {column.tolist()}" for column in columns]


def test_no_listed_points_no_table() -> None:
    assert list(gathered([])) == []
