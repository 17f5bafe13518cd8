"""Bodies to messages: JSON (one message or an array), NDJSON, MessagePack.

A body in which every message is well formed is read straight into messages, which is three times as fast as plain
objects in between. Any other body is read a second time, message by message, to name the bad ones.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from command_api.application.ingest.limits import MAX_MESSAGES
from command_api.application.ingest.messages import Message
from contracts.errors import ValidationFailed
from contracts.trees import read_extension, unpack

JSON = "application/json"
NDJSON = "application/x-ndjson"
MSGPACK = ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack")

_Body = list[Message] | Message
_json_body = msgspec.json.Decoder[_Body](_Body)
_json_lines = msgspec.json.Decoder[Message](Message)
_msgpack_body = msgspec.msgpack.Decoder[_Body](_Body, ext_hook=read_extension)


class Item(msgspec.Struct, frozen=True):
    """One message of a request: a Message, or whatever stood there; `error` is set if it could not even be read."""

    index: int
    message: Any
    error: str | None = None


def decode_body(body: bytes, content_type: str) -> list[Item]:
    """The messages in their order. Raises ValidationFailed if the body as a whole cannot be read."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == NDJSON:
        return _lines(body)
    if kind in MSGPACK:
        return _items(_whole(body, _msgpack_body.decode, unpack, "MessagePack"))
    if kind in {"", JSON} or kind.endswith("+json"):
        return _items(_whole(body, _json_body.decode, read_json, "JSON"))
    raise ValidationFailed(f"Content-Type {kind!r} is not one of {JSON}, {NDJSON}, {MSGPACK[0]}")


def read_json(text: bytes) -> Any:
    """JSON in the dialect of Python's own writer: NaN and Infinity tokens, lone surrogates, integers of any size.

    The strict reader is several times faster and enough for nearly every body.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _whole(body: bytes, fast: Callable[[bytes], Any], read: Callable[[bytes], Any], name: str) -> Any:
    try:
        return fast(body)
    except (msgspec.DecodeError, OverflowError, RecursionError):
        pass
    try:
        return read(body)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise ValidationFailed(f"The body is not {name}: {error}") from error


def _items(whole: Any) -> list[Item]:
    messages = _bounded(whole if isinstance(whole, list) else [whole])
    return [Item(index, message) for index, message in enumerate(messages)]


def _bounded(messages: Sequence[Any]) -> Sequence[Any]:
    if len(messages) > MAX_MESSAGES:
        raise ValidationFailed(f"A request may not hold more than {MAX_MESSAGES} messages")
    return messages


def _lines(body: bytes) -> list[Item]:
    """One message a line; a line that cannot be read is one bad item and costs no other."""
    try:
        return _items(_json_lines.decode_lines(body))
    except (msgspec.DecodeError, OverflowError, RecursionError):
        lines = _bounded([line for line in body.split(b"\n") if line.strip()])
        return [_line(index, line) for index, line in enumerate(lines)]


def _line(index: int, line: bytes) -> Item:
    try:
        return Item(index, read_json(line))
    except (ValueError, RecursionError) as error:
        return Item(index, None, f"not JSON: {error}")
