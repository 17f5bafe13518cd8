"""Whatever stands in a message, it costs that message alone."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.command_api.ingest.reading import NOW, points_of

from command_api.application.ingest.decode import JSON, MSGPACK, NDJSON, decode_body
from command_api.application.ingest.translate import Translated, translate
from contracts.trees import BIG_INT, INT_END, MAX_INT_DIGITS

GOOD = {"type": "log_metric", "name": "good", "value": 1.0}


def packed(integer: int) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(BIG_INT, integer.to_bytes(integer.bit_length() // 8 + 1, "big", signed=True))


HUGE = packed(1 << 20_000)
ODD: list[Any] = [
    HUGE,
    packed(1 << 70),
    msgspec.msgpack.Ext(2, b"\xff" * 50),
    msgspec.msgpack.Ext(9, b""),
    msgspec.msgpack.Ext(-1, b"\0\0\0\1"),
    None,
    True,
    2**63,
    -1,
    1.5,
    float("nan"),
    "",
    "text",
    "image",
    "distribution",
    b"bytes",
    [],
    [1],
    {},
    {1: 2},
    {"a": {1: 1, "b": 2}},
    {(1,): 2},
]
VALID: list[dict[str, Any]] = [
    {"type": "create_run", "client_datetime": None, "force_resume": True, "creation_time": None},
    {**GOOD, "name": "n", "step": 1, "epoch": 1, "context": None, "dtype": "int", "client_datetime": None},
    {
        "type": "log_metrics",
        "series": [{"name": "n", "context": {}, "dtype": "float"}],
        "points": {"value": [1.0], "series": [0], "step": [1], "epoch": [1], "client_datetime": [1.0]},
    },
    {"type": "log_hparams", "value": {"a": {"b": 1}}},
    {
        "type": "log_custom_object",
        "name": "n",
        "value": {
            "type": "distribution",
            "data": [1],
            "range": [0, 1],
            "bin_count": 1,
            "width": 1,
            "caption": "c",
            "s3_key": "k",
        },
        "step": 1,
        "context": {},
        "dtype": "custom",
    },
    {"type": "log_terminal_line", "line": "l", "step": 1},
    {"type": "log_record", "message": "m", "level": 20, "timestamp": 1.0, "logger_info": ["f", 1], "extra_args": {}},
    {"type": "blob_ref", "artifact_path": "p", "s3_key": "r/p", "content_type": "text/plain"},
    {"type": "artifact", "path": "p", "uri": "u", "name": "n"},
    {"type": "note", "content": "c", "created_at": 1.0},
    {"type": "set_run_property", "name": "n", "description": "d", "archived": True, "experiment": "e"},
    {"type": "add_tag", "tag_name": "t"},
    {"type": "finish_run", "end_time": 1.0},
]


def between_good_ones(body: bytes, content_type: str) -> Translated:
    """What became of the one message between two good ones, which are both kept."""
    result = translate(decode_body(body, content_type), NOW)
    assert [point.name for point in points_of(result)].count("good") == 2
    assert result.accepted + len(result.rejected) == 3
    assert {rejected.index for rejected in result.rejected} <= {1}
    return result


def replaced(value: Any, draw: st.DrawFn) -> Any:
    """The value, with something odd somewhere in it."""
    if not value or not isinstance(value, dict | list) or draw(st.booleans()):
        return draw(st.sampled_from(ODD))
    if isinstance(value, list):
        return [replaced(value[0], draw), *value[1:]]
    key = draw(st.sampled_from(list(value)))
    return {**value, key: replaced(value[key], draw)}


@st.composite
def odd_messages(draw: st.DrawFn) -> dict[str, Any]:
    message: dict[str, Any] = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        key = draw(st.sampled_from([*sorted(message)[:-1], "unknown"]))
        message = {**message, key: replaced(message.get(key), draw)}
    return message


@settings(max_examples=600, deadline=None)
@given(odd_messages())
def test_an_odd_message_of_messagepack_costs_no_other(message: dict[str, Any]) -> None:
    between_good_ones(msgspec.msgpack.encode([GOOD, message, GOOD]), MSGPACK[0])


@pytest.mark.parametrize("message", VALID)
def test_the_messages_that_odd_ones_are_made_of_are_valid(message: dict[str, Any]) -> None:
    assert between_good_ones(msgspec.msgpack.encode([GOOD, message, GOOD]), MSGPACK[0]).accepted == 3


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({**GOOD, "context": {"a": {1: 1, "b": 2}}}, "either text or integers as keys"),
        ({**GOOD, "context": {"a": HUGE}}, "4300 digits"),
        ({"type": "log_hparams", "value": {"a": HUGE}}, "4300 digits"),
        ({"type": "log_hparams", "value": {"a": packed(INT_END)}}, "4300 digits"),
        ({"type": "log_hparams", "value": {"a": packed(-INT_END)}}, "4300 digits"),
        ({"type": "log_record", "message": "m", "level": HUGE}, "level"),
        ({"type": "log_custom_object", "name": "o", "value": {"a": HUGE}}, "4300 digits"),
        ({"type": "log_custom_object", "name": "o", "value": {"type": HUGE}}, "4300 digits"),
        ({"type": "log_hparams", "value": {"a": msgspec.msgpack.Ext(9, b"x")}}, "may not hold Ext"),
        ({"type": "log_hparams", "value": {"a": msgspec.msgpack.Ext(2, b"x" * 41)}}, "may not hold Ext"),
    ],
)
def test_what_is_wrong_with_messagepack_is_named(message: dict[str, Any], text: str) -> None:
    result = between_good_ones(msgspec.msgpack.encode([GOOD, message, GOOD]), MSGPACK[0])
    assert text in result.rejected[0].message


def test_a_message_of_messagepack_that_cannot_be_read_costs_no_other() -> None:
    unhashable = b"\x81\x81\x01\x02\x03"
    body = b"\x93" + b"".join([msgspec.msgpack.encode(GOOD), unhashable, msgspec.msgpack.encode(GOOD)])
    assert between_good_ones(body, MSGPACK[0]).rejected[0].message.startswith("not MessagePack")


@pytest.mark.parametrize("content_type", [JSON, NDJSON])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("message", "text"),
    [
        ('{"type":"log_hparams","value":{"a":N}}', "4300 digits"),
        ('{"type":"log_metric","name":"a","value":1.0,"context":{"a":N}}', "4300 digits"),
        ('{"type":"log_metric","name":"a","value":1.0,"step":N}', "step"),
        ('{"type":"log_metric","name":"a","value":N}', "value"),
        ('{"type":"log_record","message":"m","level":N}', "level"),
    ],
)
def test_an_integer_of_json_that_is_too_long_is_named(message: str, text: str, sign: str, content_type: str) -> None:
    good, bad = json.dumps(GOOD), message.replace("N", sign + "9" * (MAX_INT_DIGITS + 1))
    lines = [good, bad, good]
    body = f"[{','.join(lines)}]" if content_type == JSON else "\n".join(lines)
    assert text in between_good_ones(body.encode(), content_type).rejected[0].message


def test_the_longest_integer_is_kept() -> None:
    longest = "9" * MAX_INT_DIGITS
    body = f'[{{"type":"log_hparams","value":{{"a":{longest}}}}},{{"type":"finish_run","x":NaN,"y":{longest}9}}]'
    result = translate(decode_body(body.encode(), JSON), NOW)
    assert (result.accepted, result.rejected) == (2, [])
    assert result.steps[0].what.value == int(longest)  # type: ignore[union-attr]  # params
