"""Values of log_custom_object."""

import base64
import json
import struct
from typing import Any

import pytest
from tests.unit.command_api.ingest.reading import NOW, translated

from command_api.application.ingest.decode import decode_body
from command_api.application.ingest.limits import MAX_EVENT_BYTES, MAX_PART_BYTES, MAX_ROWS_PER_EVENT
from command_api.application.ingest.objects import kind_of
from command_api.application.ingest.translate import Translated, translate
from contracts.blobs import Blob
from contracts.events import (
    Audio,
    Custom,
    Distribution,
    Figure,
    Image,
    Item,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    PointsTracked,
    RunFinished,
    Text,
)
from contracts.metric_points import NEXT_STEP
from contracts.trees import MAX_INLINE_BYTES, StoredValue, content_hash, pack, set_aside, unpack

PNG = b"\x89PNG"
PNG_BLOB = Blob(hash=content_hash(PNG), size=4)
WEIGHTS = struct.pack("<3q", 1, 2, 3)


def custom(value: Any, dtype: str | None = "custom", **fields: Any) -> dict[str, Any]:
    return {"type": "log_custom_object", "name": "a", "value": value, "dtype": dtype, **fields}


def events(result: Translated) -> list[ObjectsTracked]:
    assert result.rejected == []
    return [step.what for step in result.steps if isinstance(step.what, ObjectsTracked)]


def items(value: Any, dtype: str | None = "custom") -> tuple[str, tuple[Item, ...]]:
    (event,) = events(translated(custom(value, dtype)))
    return event.series[0].kind, event.rows[0].items


def rejection(given: Any) -> str:
    result = translated(given)
    assert (result.accepted, result.steps, result.content) == (0, [], {})
    return result.rejected[0].message


@pytest.mark.parametrize(
    ("dtype", "value", "item"),
    [
        ("image", {"s3_key": "run/seq/a/1.png"}, Image(Blob(key="run/seq/a/1.png"))),
        (
            "image",
            {"type": "image", "blob_key": "k", "caption": "c", "format": "PNG", "width": 2, "height": 3, "x": 1},
            Image(Blob(key="k"), "c", "PNG", 2, 3),
        ),
        ("image", {"data": PNG, "width": None, "height": None}, Image(PNG_BLOB)),
        ("audio", {"s3_key": "k", "format": "", "rate": 44100}, Audio(Blob(key="k"), rate=44100)),
        ("audio", {"data": PNG, "caption": "c", "format": "wav"}, Audio(PNG_BLOB, "c", "wav")),
        ("text", {"data": "ünï \ud83d"}, Text("ünï \ufffd")),
        ("distribution", {"data": [1, 2, 3], "range": [0, 1]}, Distribution(WEIGHTS, "int64", 3, (0.0, 1.0))),
        (
            "distribution",
            {"data": WEIGHTS, "dtype": "int64", "bin_count": 3, "range": [0, 1]},
            Distribution(WEIGHTS, "int64", 3, (0.0, 1.0)),
        ),
        (
            "distribution",
            {"data": [1, 0.5], "bin_count": 2, "range": [-1.5, 1]},
            Distribution(struct.pack("<2d", 1, 0.5), "float64", 2, (-1.5, 1.0)),
        ),
        (
            "distribution",
            {"data": [1, 2], "dtype": "float32", "range": [0, 1]},
            Distribution(struct.pack("<2f", 1, 2), "float32", 2, (0.0, 1.0)),
        ),
        ("figure", {"data": {"data": [], "layout": {}}}, Figure({"data": [], "layout": {}})),
        (
            "figure",
            {"data": "{}", "source": "plotly", "version": "5", "format": "raw_json"},
            Figure("{}", "plotly", "5", "raw_json"),
        ),
        ("Table", {"rows": [[1, None], {"a": 2**70}]}, Custom({"rows": [[1, None], {"a": 2**70}]})),
        ("custom", {}, Custom({})),
    ],
)
def test_a_value_becomes_its_item(dtype: str, value: dict[str, Any], item: Item) -> None:
    assert items(value, dtype)[1] == (item,)


def test_half_a_surrogate_pair_in_a_key_costs_nothing() -> None:
    assert items({"\ud83d": 1, "data": "x"}, "text")[1] == (Text("x"),)
    assert items({"\ud83d": 1})[1] == (Custom({"\ufffd": 1}),)


@pytest.mark.parametrize(
    ("dtype", "value", "kind"),
    [
        ("image", {}, "images"),
        ("images", {}, "images"),
        ("aim.image", {}, "images"),
        ("list(aim.image)", {}, "images"),
        ("Image", {}, "custom"),
        ("Audio", {"type": "audio"}, "custom"),
        ("custom", {"type": "Image"}, "custom"),
        ("texts", {}, "texts"),
        ("distributions", {}, "distributions"),
        ("figure", {"type": "image"}, "figures"),
        ("custom", {"type": "image"}, "images"),
        (None, {"type": "text"}, "texts"),
        ("", {"type": "text"}, "texts"),
        ("custom", {"type": "Table"}, "custom"),
        ("custom", {"type": 3}, "custom"),
        ("Table", {"type": "image"}, "custom"),
        ("list", {}, "custom"),
    ],
)
def test_the_kind_is_what_the_client_named(dtype: str | None, value: dict[str, Any], kind: str) -> None:
    assert kind_of(dtype, [value]) == kind


def test_an_empty_list_is_of_the_kind_that_is_named() -> None:
    assert items([], "image") == ("images", ())
    assert items([]) == ("custom", ())


def test_a_row_says_where_and_when() -> None:
    given = custom({"data": "x"}, "text", step=3, epoch=1, context={"b": 1}, client_datetime=NOW - 5)
    listed = custom([{"data": "x"}, {"data": "y"}], "text", context={"b": 1})
    (event,) = events(translated(given, listed))
    assert event.series == (ObjectSeries("texts", "a", {"b": 1}, "text"),)
    assert event.rows == (
        ObjectRow(0, 3, 1.0, NOW - 5, False, (Text("x"),)),
        ObjectRow(0, NEXT_STEP, None, NOW, True, (Text("x"), Text("y"))),
    )


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (custom(None), "value"),
        (custom("x"), "value"),
        (custom([1]), "must be an object"),
        (custom({"data": WEIGHTS, "range": [0, 1]}, "distribution"), "whole numbers"),
        (custom({"data": PNG, "width": -1}, "image"), "width"),
        (custom([{"data": "x"}, 3], "text"), "value"),
        (custom({"data": b"1234567", "dtype": "int64", "range": [0, 1]}, "distribution"), "whole numbers"),
        (custom({"a": b"x"}), "may not hold bytes"),
        (custom({"a": unpack(pack(set_aside("x")[0]))}), "may not hold StoredValue"),
        (custom({"a": 1}, step=2**60), "step"),
        (custom({"a": 1}, context={"a": "x" * 9_000}), "context"),
        (custom({"a": 1}, client_datetime="soon"), "ISO 8601"),
        ({"type": "log_custom_object", "value": {}}, "name"),
    ],
)
def test_a_bad_object_is_named_and_leaves_nothing(given: Any, text: str) -> None:
    assert text in rejection(given)


def test_nothing_of_a_bad_list_is_stored() -> None:
    assert "s3_key" in rejection(custom([{"data": PNG}, {}], "image"))


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("image", {"caption": "no bytes"}),
        ("image", {"s3_key": ""}),
        ("image", {"s3_key": "k", "width": -1}),
        ("image", {"s3_key": "k", "caption": "x" * 65_537}),
        ("audio", {"s3_key": "k", "rate": 0.5}),
        ("text", {"data": 3}),
        ("text", {"type": "text"}),
        ("distribution", {"data": [1]}),
        ("distribution", {"data": [1], "range": [1]}),
        ("distribution", {"data": ["x"], "range": [0, 1]}),
        ("distribution", {"data": [1], "bin_count": 2, "range": [0, 1]}),
        ("distribution", {"data": [1], "bin_count": 10**4_200, "range": [0, 1]}),
        ("distribution", {"data": [1], "dtype": "object", "range": [0, 1]}),
        ("distribution", {"data": [300], "dtype": "uint8", "range": [0, 1]}),
        ("figure", {"type": "figure"}),
        ("figure", {}),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_kept_whole_under_its_type_name(dtype: str, value: dict[str, Any]) -> None:
    (event,) = events(translated(custom(value, dtype)))
    assert event.series == (ObjectSeries("custom", "a", {}, dtype),)
    assert event.rows[0].items == (Custom(value),)


def test_a_list_of_which_one_is_none_of_its_kind_is_kept_whole_and_sets_nothing_aside() -> None:
    given: list[dict[str, Any]] = [{"data": LARGE}, {"data": 3}]
    result = translated(custom(given, "text"))
    (event,) = events(result)
    large, small = event.rows[0].items
    assert (event.series[0].kind, small) == ("custom", Custom({"data": 3}))
    assert isinstance(large, Custom)
    assert isinstance(large.value, StoredValue)
    assert list(result.content) == [large.value.hash]
    assert unpack(result.content[large.value.hash]) == given[0]


def test_fitting_and_other_values_of_one_name_are_two_series_of_one_event() -> None:
    (event,) = events(translated(custom({"data": "x"}, "text"), custom({"data": 1}, "text")))
    assert [series.kind for series in event.series] == ["texts", "custom"]


def test_bytes_in_json_are_base64() -> None:
    body = json.dumps(custom({"data": base64.b64encode(PNG).decode()}, "image")).encode()
    result = translate(decode_body(body, "application/json"), NOW)
    assert events(result)[0].rows[0].items == (Image(PNG_BLOB),)
    assert result.content == {content_hash(PNG): PNG}


def test_a_metric_whose_value_is_an_object_is_an_object() -> None:
    metric = {"type": "log_metric", "name": "a", "value": {"s3_key": "k"}, "dtype": "image", "step": 4}
    (event,) = events(translated(metric))
    assert event.rows[0].items == (Image(Blob(key="k")),)
    assert (event.series[0].kind, event.rows[0].step) == ("images", 4)


def test_objects_and_points_share_events_with_their_own_kind() -> None:
    """A training loop that logs both at each step makes two events, not two for each step."""
    point = {"type": "log_metric", "name": "loss", "value": 0.5}
    result = translated(*[point, custom({"a": 1})] * 10, {"type": "finish_run"})
    assert [(step.index, type(step.what)) for step in result.steps] == [
        (0, PointsTracked),
        (1, ObjectsTracked),
        (20, RunFinished),
    ]
    assert len(events(result)[0].rows) == 10


def test_different_dtypes_of_one_series_are_entries_of_the_table() -> None:
    (event,) = events(translated(custom({"a": 1}, "A"), custom({"a": 1}, "B"), custom({"a": 1}, "A")))
    assert [series.dtype for series in event.series] == ["A", "B"]
    assert [row.series for row in event.rows] == [0, 1, 0]


LARGE = "x" * MAX_INLINE_BYTES


@pytest.mark.parametrize(
    ("dtype", "value", "stored"),
    [
        ("text", {"data": LARGE}, LARGE),
        ("figure", {"data": LARGE}, LARGE),
        ("figure", {"data": {"a": LARGE}}, {"a": LARGE}),
        ("Table", {"a": {"b": LARGE}}, {"a": {"b": LARGE}}),
        ("distribution", {"data": b"\0" * len(LARGE), "dtype": "uint8", "range": [0, 1]}, b"\0" * len(LARGE)),
    ],
)
def test_a_large_value_is_set_aside_whole(dtype: str, value: dict[str, Any], stored: Any) -> None:
    result = translated(custom(value, dtype))
    (event,) = events(result)
    (name,) = result.content
    (item,) = event.rows[0].items
    claim = item.weights if isinstance(item, Distribution) else item.value if isinstance(item, Custom) else item.data  # type: ignore[union-attr]  # no bytes are logged here
    assert isinstance(claim, StoredValue)
    assert claim.hash == name == content_hash(result.content[name])
    assert unpack(result.content[name]) == stored


def test_a_value_at_the_limit_stays_in_the_event() -> None:
    text = "x" * (MAX_INLINE_BYTES - 5)
    assert len(pack(text)) == MAX_INLINE_BYTES
    result = translated(custom({"data": text}, "text"))
    assert (events(result)[0].rows[0].items, result.content) == ((Text(text),), {})


def test_of_a_list_that_fills_an_event_small_values_are_set_aside_too() -> None:
    texts = [{"data": str(number) * 10_000} for number in range(100, 200)]
    result = translated(custom(texts, "text"))
    (event,) = events(result)
    assert len(pack(event)) < MAX_PART_BYTES
    assert len(result.content) == len(texts)
    claims = [item.data for item in event.rows[0].items if isinstance(item, Text)]
    assert [unpack(result.content[claim.hash]) for claim in claims] == [text["data"] for text in texts]


def test_a_list_that_no_event_can_hold_is_named() -> None:
    images = [{"s3_key": f"k{number}", "caption": "x" * 1_000} for number in range(1_000)]
    assert "at one step" in rejection(custom(images, "image"))


def test_many_objects_become_events_of_bounded_size_with_parts_that_count() -> None:
    result = translated(*[custom({"data": "x" * 100_000}, "text", step=step) for step in range(30)])
    assert [(step.index, step.part) for step in result.steps] == [(0, part) for part in range(len(result.steps))]
    assert len(result.steps) > 1
    assert all(len(pack(event)) < MAX_EVENT_BYTES for event in events(result))
    assert [row.step for event in events(result) for row in event.rows] == list(range(30))


def test_small_objects_are_bounded_in_number() -> None:
    many = [custom({}, step=step) for step in range(MAX_ROWS_PER_EVENT + 1)]
    assert [len(event.rows) for event in events(translated(*many))][-1] >= 1
    assert max(len(event.rows) for event in events(translated(*many))) <= MAX_ROWS_PER_EVENT
