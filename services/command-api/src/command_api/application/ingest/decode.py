"""Bodies to messages: JSON (one message or an array), NDJSON, MessagePack.

A body in which every message is well formed is read straight into messages, which is three times as fast as plain
objects in between. Any other body is read a second time, message by message, to name the bad ones.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from command_api.application.ingest.limits import MAX_MESSAGES
from command_api.application.ingest.messages import Message
from contracts.errors import ValidationFailed
from contracts.trees import BIG_INT, INT_END, MAX_INT_DIGITS, read_extension

JSON = "application/json"
NDJSON = "application/x-ndjson"
MSGPACK = ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack")

_Body = list[Message] | Message
_json_body = msgspec.json.Decoder[_Body](_Body)
_json_lines = msgspec.json.Decoder[Message](Message)
_msgpack_parts = msgspec.msgpack.Decoder[list[msgspec.Raw]](list[msgspec.Raw])


def _extension(code: int, data: memoryview) -> Any:
    """Integers beyond 64 bits; any other stays what it is, which no field takes: it costs its message alone."""
    return read_extension(code, data) if code == BIG_INT else msgspec.msgpack.Ext(code, bytes(data))


_msgpack_body = msgspec.msgpack.Decoder[_Body](_Body, ext_hook=_extension)
_msgpack_value = msgspec.msgpack.Decoder(ext_hook=_extension)


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
        return _msgpack(body)
    if kind in {"", JSON} or kind.endswith("+json"):
        return _json(body)
    raise ValidationFailed(f"Content-Type {kind!r} is not one of {JSON}, {NDJSON}, {MSGPACK[0]}")


def read_json(text: bytes) -> Any:
    """JSON in the dialect of Python's own writer: NaN and Infinity tokens, lone surrogates, integers of any size.

    The strict reader is several times faster and enough for nearly every body. An integer that is too long for Python
    becomes the first one that is, INT_END, so that its message alone is refused.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        pass
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int:
    return int(digits) if len(digits.lstrip("-")) <= MAX_INT_DIGITS else INT_END


def _json(body: bytes) -> list[Item]:
    try:
        return _items(_json_body.decode(body))
    except (msgspec.DecodeError, OverflowError, RecursionError):
        pass
    try:
        return _items(read_json(body))
    except (ValueError, RecursionError) as error:
        raise ValidationFailed(f"The body is not JSON: {error}") from error


def _msgpack(body: bytes) -> list[Item]:
    try:
        return _items(_msgpack_body.decode(body))
    except (msgspec.DecodeError, OverflowError, RecursionError):
        pass
    try:
        parts = _bounded(_msgpack_parts.decode(body))
    except msgspec.ValidationError:
        parts = [body]  # no array
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValidationFailed(f"The body is not MessagePack: {error}") from error
    return [_msgpack_item(index, part) for index, part in enumerate(parts)]


def _msgpack_item(index: int, part: bytes | msgspec.Raw) -> Item:
    try:
        return Item(index, _msgpack_value.decode(part))
    except (msgspec.DecodeError, RecursionError) as error:
        return Item(index, None, f"not MessagePack: {error}")


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
