"""The columns of metric points as bytes."""

import cramjam
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import InvalidEvent
from contracts.metric_points import MAX_POINTS_PER_EVENT, NEXT_STEP, MetricColumns, pack_columns, unpack_columns
from contracts.topics import MAX_RECORD_BYTES

integers = st.integers(-(2**63), 2**63 - 1)
points = st.tuples(integers, integers, st.floats(), st.floats(), st.floats())


def columns(rows: list[tuple[int, int, float, float, float]]) -> MetricColumns:
    series, steps, values, epochs, times = zip(*rows, strict=True)
    return MetricColumns(
        np.array(series, np.int64), np.array(steps, np.int64), np.array(values), np.array(epochs), np.array(times)
    )


def bits(made: MetricColumns) -> list[bytes]:
    return [column.tobytes() for column in (made.series, made.steps, made.values, made.epochs, made.times)]


@settings(deadline=None)
@given(st.lists(points, min_size=1, max_size=40))
def test_columns_come_back_to_the_bit(rows: list[tuple[int, int, float, float, float]]) -> None:
    made = columns(rows)
    back = unpack_columns(pack_columns(made), len(rows))
    assert bits(back) == bits(made)
    assert [column.dtype for column in (back.series, back.steps, back.values)] == [np.int64, np.int64, np.float64]
    assert len(back) == len(rows)


def test_a_slice_holds_the_same_points() -> None:
    made = columns([(i, NEXT_STEP, i / 2, float("nan"), float(i)) for i in range(10)])
    assert bits(made.slice(3, 7)) == bits(columns([(i, NEXT_STEP, i / 2, float("nan"), float(i)) for i in range(3, 7)]))
    assert len(made.slice(3, 7)) == 4


def test_the_largest_event_fits_a_record_even_if_nothing_compresses() -> None:
    noise = np.random.default_rng(0)
    n = MAX_POINTS_PER_EVENT
    series, steps = (noise.integers(-(2**63), 2**63 - 1, n) for _ in range(2))
    values, epochs, times = (noise.integers(0, 2**63 - 1, n).view(np.float64) for _ in range(3))
    packed = pack_columns(MetricColumns(series, steps, values, epochs, times))
    assert len(packed) < MAX_RECORD_BYTES - 64 * 1024
    assert bits(unpack_columns(packed, n)) == [column.tobytes() for column in (series, steps, values, epochs, times)]


def test_regular_curves_are_small() -> None:
    n = 1000
    values = np.random.default_rng(0).normal(size=n).astype(np.float32).astype(np.float64)
    made = MetricColumns(
        np.zeros(n, np.int64), np.arange(n, dtype=np.int64), values, np.zeros(n), np.linspace(1.7e9, 1.7e9 + n, n)
    )
    assert len(pack_columns(made)) < 9 * n


@pytest.mark.parametrize("count", [0, -1, MAX_POINTS_PER_EVENT + 1, 2, 4])
def test_another_count_than_was_packed_is_invalid(count: int) -> None:
    packed = pack_columns(columns([(0, i, 0.0, 0.0, 0.0) for i in range(3)]))
    with pytest.raises(InvalidEvent):
        unpack_columns(packed, count)


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_noise_is_invalid(noise: bytes) -> None:
    with pytest.raises(InvalidEvent):
        unpack_columns(noise, 1)


def test_bytes_that_unfold_to_more_than_was_named_are_invalid() -> None:
    bomb = bytes(cramjam.zstd.compress(bytes(50_000_000), 3))
    with pytest.raises(InvalidEvent):
        unpack_columns(bomb, 1)
