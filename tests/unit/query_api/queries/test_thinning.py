"""The one rule by which points of a series are left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import BadRequest
from contracts.metric_points import Floats
from query_api.queries.thinning import EVERY_POINT, check_points, thin_series

_VALUES = st.lists(st.floats(width=32), max_size=200).map(lambda values: np.array(values, np.float64))
_MOST = st.integers(1, 60)


@given(_VALUES, _MOST)
def test_indices_rise_and_are_at_most_as_many_as_asked_for(values: Floats, most: int) -> None:
    [kept] = thin_series([values], most)
    assert len(kept) <= most
    assert (np.diff(kept) > 0).all()
    assert set(kept.tolist()) <= set(range(len(values)))


@given(_VALUES, _MOST)
def test_short_series_keep_every_point(values: Floats, most: int) -> None:
    [kept] = thin_series([values], most)
    assert len(values) > most or kept.tolist() == list(range(len(values)))


@given(_VALUES, _MOST)
def test_both_ends_are_kept_and_of_one_point_the_last(values: Floats, most: int) -> None:
    [kept] = thin_series([values], most)
    if len(values):
        assert kept[-1] == len(values) - 1
        assert most == 1 or kept[0] == 0


@given(_VALUES, st.integers(4, 60))
def test_global_extremes_are_kept(values: Floats, most: int) -> None:
    [kept] = thin_series([values], most)
    if not np.isnan(values).all():
        shown = values[kept]
        assert np.nanmin(shown) == np.nanmin(values)
        assert np.nanmax(shown) == np.nanmax(values)


@given(_VALUES)
def test_minus_one_keeps_every_point(values: Floats) -> None:
    [kept] = thin_series([values], EVERY_POINT)
    assert kept.tolist() == list(range(len(values)))


@given(st.lists(_VALUES, max_size=6), st.one_of(st.just(EVERY_POINT), _MOST))
def test_a_series_is_thinned_alike_whatever_stands_beside_it(values: list[Floats], most: int) -> None:
    together = [kept.tolist() for kept in thin_series(values, most)]
    assert together == [thin_series([one], most)[0].tolist() for one in values]


def test_a_spike_between_two_of_many_points_is_shown() -> None:
    values = np.zeros(10_000)
    values[5_123] = 9.0
    values[7_777] = -9.0
    [kept] = thin_series([values], 50)
    assert {5_123, 7_777} <= set(kept.tolist())


def test_nan_is_shown_where_a_stretch_holds_nothing_else() -> None:
    values = np.full(100, np.nan)
    values[[0, -1]] = 1.0
    [kept] = thin_series([values], 10)
    assert np.isnan(values[kept]).any()


def test_of_three_points_the_middle_one_is_the_furthest_out() -> None:
    [kept] = thin_series([np.array([0.0, 0.1, 5.0, 0.2, 0.0])], 3)
    assert kept.tolist() == [0, 2, 4]


@pytest.mark.parametrize("most", [0, -2, -100])
def test_a_number_of_points_that_is_none_is_refused(most: int) -> None:
    with pytest.raises(BadRequest, match=r"^Density must be greater than 0\.$"):
        check_points(most)


@pytest.mark.parametrize("most", [-1, 1, 50_000])
def test_numbers_of_points(most: int) -> None:
    assert check_points(most) == most
