import json
from typing import Any

import pytest

from command_api.application.ingest import decode
from command_api.application.ingest.decode import MSGPACK, NDJSON, Item, decode_body
from command_api.application.ingest.messages import AddTag, LogHparams, LogMetric
from command_api.application.ingest.translate import read_message
from contracts.errors import ValidationFailed
from contracts.trees import pack

JSON = "application/json; charset=utf-8"


def messages(body: bytes, content_type: str = JSON) -> list[Any]:
    return [read_message(item) for item in decode_body(body, content_type)]


@pytest.mark.parametrize("content_type", ["", JSON, "APPLICATION/JSON", "application/vnd.x+json"])
def test_one_message_or_an_array_of_json(content_type: str) -> None:
    assert messages(b'{"type":"add_tag","tag_name":"a"}', content_type) == [AddTag("a")]
    assert messages(b' [{"tag_name":"a","type":"add_tag","extra":[1]}]', content_type) == [AddTag("a")]


@pytest.mark.parametrize("content_type", MSGPACK)
def test_messagepack(content_type: str) -> None:
    body = pack([{"type": "log_hparams", "value": {7: 2**70}}, {"type": "add_tag", "tag_name": "a"}])
    assert messages(body, content_type) == [LogHparams({7: 2**70}), AddTag("a")]


def test_the_tokens_of_pythons_own_writer_are_read() -> None:
    values = [float("inf"), float("-inf"), 2**70, "\ud83d"]
    body = json.dumps([{"type": "log_hparams", "value": {"v": values}}]).encode()
    assert messages(body) == [LogHparams({"v": values})]
    metric = messages(b'{"type":"log_metric","name":"a","value":NaN}')[0]
    assert isinstance(metric, LogMetric)
    assert metric.value != metric.value


def test_a_bad_line_costs_no_other_line() -> None:
    items = decode_body(b'{"type":"add_tag","tag_name":"a"}\r\n\n  \n{nope\n{"type":"x"}\n', NDJSON)
    assert [item.index for item in items] == [0, 1, 2]
    assert read_message(items[0]) == AddTag("a")
    assert items[1].error is not None
    assert items[1].error.startswith("not JSON")
    assert items[2] == Item(2, {"type": "x"})


def test_good_lines_are_counted_as_bad_ones_are() -> None:
    line = b'{"type":"add_tag","tag_name":"a"}'
    items = decode_body(b"\n" + line + b"\n\n" + line, NDJSON)
    assert [item.index for item in items] == [0, 1]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"{", JSON),
        (b"[1,2", JSON),
        (b"\xff\xfe", JSON),
        (b"[" * 100_000, JSON),
        (b"\xc1", MSGPACK[0]),
        (b"", MSGPACK[0]),
        (b"\x92\x01", MSGPACK[0]),
        (b"{}", "text/plain"),
        (b"{}", "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(body: bytes, content_type: str) -> None:
    with pytest.raises(ValidationFailed):
        decode_body(body, content_type)


@pytest.mark.parametrize(("body", "content_type"), [(b"", NDJSON), (b"\n \n", NDJSON), (b"[]", JSON)])
def test_a_body_without_messages_holds_none(body: bytes, content_type: str) -> None:
    assert decode_body(body, content_type) == []


def test_the_number_of_messages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_MESSAGES", 3)
    line = b'{"type":"finish_run"}'
    for body, kind in [
        (b"[" + b",".join([line] * 4) + b"]", JSON),
        (b"\n".join([line] * 4), NDJSON),
        (b"\n".join([line, line, line, b"{"]), NDJSON),
        (pack([{"type": "finish_run"}] * 4), MSGPACK[0]),
    ]:
        with pytest.raises(ValidationFailed, match="more than 3"):
            decode_body(body, kind)
    assert len(decode_body(b"\n".join([line] * 3), NDJSON)) == 3


def test_whatever_stands_in_an_array_becomes_an_item() -> None:
    items = decode_body(b'[1, null, "x", [], {"type": "finish_run"}]', JSON)
    assert [item.message for item in items[:4]] == [1, None, "x", []]
    assert [item.index for item in items] == list(range(5))
