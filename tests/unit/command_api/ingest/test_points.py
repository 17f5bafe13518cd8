from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.command_api.ingest.reading import NOW, Point, points_of, translated

from command_api.application.ingest import points as ingested_points
from command_api.application.ingest.decode import decode_body
from command_api.application.ingest.limits import MAX_DTYPE, MAX_SERIES_TABLE_BYTES
from command_api.application.ingest.translate import Translated, translate
from contracts.envelope import Header, Recorded, encode
from contracts.events import MetricsTracked, PointsTracked
from contracts.metric_points import MAX_POINTS_PER_EVENT
from contracts.rest.bounds import MAX_NAME
from contracts.topics import MAX_RECORD_BYTES
from contracts.trees import pack

MSGPACK = "application/msgpack"
LOSS = {"name": "loss", "context": {"subset": "train"}, "dtype": "float"}


def columns(table: list[dict[str, Any]], /, **points: Any) -> dict[str, Any]:
    return {"type": "log_metrics", "series": table, "points": points}


def only_rejection(message: dict[str, Any]) -> str:
    result = translated(message)
    assert (result.accepted, result.steps) == (0, [])
    return result.rejected[0].message


def test_columns_may_be_left_out() -> None:
    assert points_of(translated(columns([LOSS], value=[0.5, 0.25]))) == [
        Point("loss", '{"subset":"train"}', "float", None, "0.5", "nan", NOW),
        Point("loss", '{"subset":"train"}', "float", None, "0.25", "nan", NOW),
    ]


def test_lists_may_leave_out_single_entries() -> None:
    message = columns(
        [LOSS], value=[1, 2], step=[None, 7], epoch=[3, None], client_datetime=[None, "2025-12-31T23:59:00+00:00"]
    )
    assert [(p.step, p.epoch, p.time) for p in points_of(translated(message))] == [
        (None, "3.0", NOW),
        (7, "nan", NOW - 60),
    ]


def test_binary_columns_are_read_little_endian() -> None:
    message = columns(
        [LOSS, {"name": "acc"}],
        series=np.array([1, 0], "<u4").tobytes(),
        step=np.array([5, -6], "<i8").tobytes(),
        value=np.array([np.inf, np.nan], "<f8").tobytes(),
        epoch=np.array([1, 2], "<i8").tobytes(),
        client_datetime=np.array([NOW, NOW + 1e6], "<f8").tobytes(),
    )
    result = translate(decode_body(pack(message), MSGPACK), NOW)
    assert points_of(result) == [
        Point("acc", "{}", None, 5, "inf", "1.0", NOW),
        Point("loss", '{"subset":"train"}', "float", -6, "nan", "2.0", NOW),
    ]


def logged(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"type": "log_metric", "name": "m", "value": 0.5, "step": step, **fields} for step in range(count)]


@pytest.mark.parametrize(("count", "kind"), [(1, PointsTracked), (16, PointsTracked), (17, MetricsTracked)])
def test_few_points_are_listed_and_more_are_columns(count: int, kind: type) -> None:
    result = translated(*logged(count, epoch=2))
    assert [type(step.what) for step in result.steps] == [kind]
    assert points_of(result) == [Point("m", "{}", None, step, "0.5", "2.0", NOW) for step in range(count)]


def test_points_behind_columns_stay_behind_them() -> None:
    result = translated(columns([LOSS], value=[1.0], step=[7]), *logged(2))
    assert [(point.name, point.step) for point in points_of(result)] == [("loss", 7), ("m", 0), ("m", 1)]


def test_the_longest_names_of_listed_points_fit_into_a_table() -> None:
    longest = [
        {"name": f"{n:é>{MAX_NAME}}", "context": {"k": "é" * 4_080, "n": n}, "dtype": "é" * 99} for n in range(16)
    ]
    result = translated(*({"type": "log_metric", "value": 1.0, **series} for series in longest))
    assert [type(step.what) for step in result.steps] == [PointsTracked]
    assert len(pack(result.steps[0].what)) < MAX_SERIES_TABLE_BYTES


def test_many_single_points_are_one_event_in_their_order() -> None:
    result = translated(*logged(10_000))
    assert [type(step.what) for step in result.steps] == [MetricsTracked]
    assert [point.step for point in points_of(result)] == list(range(10_000))


def test_only_series_that_are_used_are_in_an_events_table() -> None:
    (step,) = translated(columns([LOSS, {"name": "unused"}], series=[0], value=[1])).steps
    assert isinstance(step.what, MetricsTracked)
    assert [series.name for series in step.what.series] == ["loss"]


def test_no_points_no_event() -> None:
    result = translated(columns([LOSS], value=[]))
    assert (result.accepted, result.steps, result.rejected) == (1, [], [])


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ({"value": [1, 2], "step": [0]}, "points.step has 1 entries, points.value has 2"),
        ({"value": [1], "epoch": [0, 1]}, "points.epoch has 2"),
        ({"value": [1], "client_datetime": []}, "points.client_datetime has 0"),
        ({"value": [1, 2], "series": [0]}, "points.series has 1"),
        ({"value": [1], "series": [1]}, "not in the table"),
        ({"value": [1], "series": [-1]}, "not in the table"),
        ({"value": [1], "series": [2**70]}, "beyond 64 bits"),
        ({"value": [1], "step": [2**60]}, "step"),
        ({"value": ["1"]}, "value"),
        ({"value": [None]}, "value"),
        ({"step": [1]}, "value"),
        ({"value": [1], "client_datetime": ["x"]}, "ISO 8601"),
        ({"value": [1], "client_datetime": [float("nan")]}, "finite"),
        ({"value": b"1234567"}, "whole number"),
        ({"value": b"12345678", "series": b"12345"}, "whole number"),
        ({"value": b"12345678", "series": b"\x01\0\0\0"}, "not in the table"),
        ({"value": b"12345678", "step": np.array([2**60], "<i8").tobytes()}, "beyond 2^53"),
        ({"value": b"12345678", "step": np.array([-(2**63)], "<i8").tobytes()}, "beyond 2^53"),
        ({"value": b"12345678", "client_datetime": np.array([np.nan], "<f8").tobytes()}, "finite"),
        ({"value": b"12345678", "client_datetime": np.array([-np.inf], "<f8").tobytes()}, "finite"),
        ({"value": b"12345678", "step": b""}, "points.step has 0"),
    ],
)
def test_columns_that_do_not_fit_are_refused_whole(points: dict[str, Any], text: str) -> None:
    assert text in only_rejection(columns([LOSS], **points))


def test_times_that_no_clock_shows_become_ours_in_every_form() -> None:
    times = [-1e300, NOW + 86_401, 1e300, 0.0]
    binary = np.array(times, "<f8").tobytes()
    for column in (times, binary):
        result = translated(columns([LOSS], value=[1, 2, 3, 4], client_datetime=column))
        assert [point.time for point in points_of(result)] == [NOW, NOW, NOW, 0.0]


@pytest.mark.parametrize(
    ("series", "text"),
    [
        ([], "left out for exactly one"),
        ([LOSS, LOSS], "left out for exactly one"),
        ([{"name": 1}], "name"),
        ([{"name": "a", "context": {"a": "x" * 9_000}}], "context may not be larger"),
        ([{"name": "a", "context": []}], "context"),
    ],
)
def test_a_bad_table_is_refused_whole(series: list[dict[str, Any]], text: str) -> None:
    assert text in only_rejection(columns(series, value=[1]))


def test_a_refused_table_leaves_no_series_behind() -> None:
    bad = columns([{"name": "a"}, {"name": "b", "context": {"a": "x" * 9_000}}], series=[0, 1], value=[1, 2])
    result = translated(bad, {"type": "log_metric", "name": "c", "value": 1})
    assert [point.name for point in points_of(result)] == ["c"]


def test_order_of_keys_makes_no_other_series_but_types_do() -> None:
    contexts: list[Any] = [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": True, "b": 2}, {"a": 1.0, "b": 2}, None, {}]
    result = translated(*[{"type": "log_metric", "name": "m", "value": 1, "context": context} for context in contexts])
    (step,) = result.steps
    assert isinstance(step.what, PointsTracked)
    assert len(step.what.series) == 4


def test_texts_of_series_are_cleaned_and_type_names_cut() -> None:
    message = {"type": "log_metric", "name": "\ud83d", "value": 1, "dtype": "x" * 99, "context": {"k": "\ud83d"}}
    (point,) = points_of(translated(message))
    assert (point.name, point.context, point.dtype) == ("\ufffd", '{"k":"\ufffd"}', "x" * MAX_DTYPE)


def test_names_contexts_and_types_are_part_of_an_events_bound() -> None:
    series = [
        {"name": f"{number:05}" + "n" * 900, "context": {"k": "c" * 100}, "dtype": "d" * 64}
        for number in range(MAX_POINTS_PER_EVENT)
    ]
    numbers = list(range(MAX_POINTS_PER_EVENT))
    rng = np.random.default_rng(1)
    noise = {name: rng.bytes(8 * MAX_POINTS_PER_EVENT) for name in ("value",)}
    result = translated(columns(series, series=np.array(numbers, "<u4").tobytes(), **noise))
    assert len(points_of(result)) == MAX_POINTS_PER_EVENT
    assert max(record_bytes(step.what) for step in result.steps) < MAX_RECORD_BYTES


def test_points_that_do_not_compress_fit_a_record() -> None:
    rng = np.random.default_rng(1)
    count = MAX_POINTS_PER_EVENT
    message = columns(
        [LOSS],
        value=rng.bytes(8 * count),
        step=rng.integers(-(2**53), 2**53, count).astype("<i8").tobytes(),
        epoch=rng.integers(-(2**62), 2**62, count).astype("<i8").tobytes(),
        client_datetime=rng.uniform(0, NOW, count).astype("<f8").tobytes(),
    )
    (step,) = translated(message).steps
    assert record_bytes(step.what) < MAX_RECORD_BYTES


def record_bytes(event: Any) -> int:
    return len(encode(Recorded(header=Header(id="i" * 36, key="k" * 128, recorded_at=NOW), event=event)))


FLOATS = st.floats(width=64)
POINTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(-(2**53), 2**53)),
        FLOATS,
        st.one_of(st.none(), st.integers(-(2**53), 2**53)),
        st.one_of(st.none(), st.floats(0, NOW + 2e5)),
    ),
    max_size=40,
)
TABLE: list[dict[str, Any]] = [
    {"name": "a"},
    {"name": "a", "context": {"k": 1, "j": [None, "ü"]}},
    {"name": "b", "context": {"j": [None, "ü"], "k": 1}, "dtype": "int"},
    {"name": "a", "context": {}, "dtype": "float"},
]


def both_ways(points: list[tuple[Any, ...]]) -> tuple[Translated, Translated]:
    one_by_one = [
        {"type": "log_metric", **TABLE[s], "step": step, "value": v, "epoch": e, "client_datetime": t}
        for s, step, v, e, t in points
    ]
    names = ("series", "step", "value", "epoch", "client_datetime")
    as_columns = columns(TABLE, **{name: [point[i] for point in points] for i, name in enumerate(names)})
    return translated(*one_by_one), translated(as_columns)


@settings(max_examples=60, deadline=None)
@given(POINTS)
def test_columns_and_single_messages_give_equal_points(points: list[tuple[Any, ...]]) -> None:
    single, together = both_ways(points)
    assert single.rejected == together.rejected == []
    assert points_of(single) == points_of(together)


@settings(max_examples=40, deadline=None)
@given(POINTS.map(lambda points: [p for p in points if None not in p]))
def test_binary_columns_and_lists_give_equal_points(points: list[tuple[Any, ...]]) -> None:
    _, lists = both_ways(points)
    kinds = {"series": "<u4", "step": "<i8", "value": "<f8", "epoch": "<i8", "client_datetime": "<f8"}
    binary = {name: np.array([p[i] for p in points], kind).tobytes() for i, (name, kind) in enumerate(kinds.items())}
    result = translate(decode_body(pack(columns(TABLE, **binary)), MSGPACK), NOW)
    assert result.rejected == []
    assert points_of(result) == points_of(lists)


@settings(max_examples=30, deadline=None)
@given(POINTS, st.integers(0, 40))
def test_how_a_request_is_cut_changes_no_point(points: list[tuple[Any, ...]], at: int) -> None:
    whole, _ = both_ways(points)
    first, _ = both_ways(points[:at])
    second, _ = both_ways(points[at:])
    assert points_of(whole) == points_of(first) + points_of(second)


@settings(max_examples=60, deadline=None)
@given(POINTS.filter(bool), st.sampled_from([1, 40, 80, 120]))
def test_arranging_points_by_series_keeps_the_order_in_each_and_the_first_of_all(
    points: list[tuple[Any, ...]], table_bytes: int
) -> None:
    _, logged = both_ways(points)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingested_points, "MAX_SERIES_TABLE_BYTES", table_bytes)
        _, arranged = both_ways(points)
    assert by_series(arranged) == by_series(logged)
    assert points_of(arranged)[0] == points_of(logged)[0]


def by_series(result: Translated) -> dict[tuple[str, str], list[Point]]:
    """The type is no part of what a series is."""
    found: dict[tuple[str, str], list[Point]] = {}
    for point in points_of(result):
        found.setdefault((point.name, point.context), []).append(point)
    return found


def test_points_of_many_series_in_turn_do_not_name_their_contexts_again_and_again() -> None:
    series = [{"name": "m", "context": {"k": f"{number:08000}"}} for number in range(40)]
    message = columns(series, series=[number % 40 for number in range(16_000)], value=[0.5] * 16_000)
    result = translated(message)
    assert len(result.steps) == 2
    assert sum(len(pack(step.what)) for step in result.steps) < 1.5 * len(pack(message))
