"""One value of a record: a type byte, then its content. Trees and keys are elsewhere."""

import struct
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from contracts.aimcodec.errors import CorruptRecords, UnsupportedValue

NULL: Final = b"\x00"
FALSE: Final = b"\x01\x00"
TRUE: Final = b"\x01\x01"
ARRAY_OPENER: Final = b"\x06"
OBJECT_OPENER: Final = b"\x07"

_INTEGER: Final = struct.Struct("<Bq")
_FLOAT: Final = struct.Struct("<Bd")
_TYPE_INTEGER: Final = 2
_TYPE_FLOAT: Final = 3


class Opener(Enum):
    """A decoded value that holds nothing itself and says what its path becomes."""

    ARRAY = ARRAY_OPENER
    OBJECT = OBJECT_OPENER


@dataclass(frozen=True, slots=True)
class TypedOpener:
    """Opener of an object of a class of the client, such as `aim.image`. Browsers do not know it."""

    type_name: str


Scalar = None | bool | int | float | str | bytes
Decoded = Scalar | Opener | TypedOpener


def text_to_utf8(text: str) -> bytes:
    """UTF-8 of a text; each lone surrogate, which UTF-8 cannot carry, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def integer_as_float(number: int) -> float:
    """Nearest double of an integer of any size; beyond the doubles, the infinity of its sign."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def encode_integer(number: int) -> bytes:
    """Type 02, or type 03 when the number does not fit in signed 64 bit."""
    try:
        return _INTEGER.pack(_TYPE_INTEGER, number)
    except struct.error:
        return _FLOAT.pack(_TYPE_FLOAT, integer_as_float(number))


def encode_value(value: object) -> bytes:
    """Type byte and content of one scalar.

    value: None, bool, int, float, str, bytes, or a numpy scalar of these kinds; subclasses count as their base.
    Integers beyond signed 64 bit become floats and lone surrogates become U+FFFD. Containers are no values: their
    openers come from `trees`. Raises UnsupportedValue for anything else.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int):
        return encode_integer(value)
    if isinstance(value, float):
        return _FLOAT.pack(_TYPE_FLOAT, value)
    if isinstance(value, str):
        return b"\x04" + text_to_utf8(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return b"\x05" + value
    raise UnsupportedValue(f"a {type(value).__name__} has no form in a record")


def encode_typed_opener(type_name: str) -> bytes:
    """Opener of an object of a client's class; for answers to the Aim SDK only, browsers fail on it."""
    return b"\x0f" + text_to_utf8(type_name)


def decode_value(data: bytes) -> Decoded:
    """Value, or opener, of the bytes of one record.

    Raises CorruptRecords for no bytes at all, an unknown type byte, a content of the wrong length, or bad UTF-8.
    """
    if not data:
        raise CorruptRecords("a value needs at least its type byte")
    kind, content = data[0], data[1:]
    if kind == 0x04:
        return _text(content)
    if kind == 0x05:
        return content
    if kind == 0x0F:
        return TypedOpener(_text(content))
    return _fixed_value(kind, content, data)


def _fixed_value(kind: int, content: bytes, data: bytes) -> Decoded:
    """The types whose content has one length."""
    if kind == _TYPE_INTEGER and len(content) == 8:
        return int.from_bytes(content, "little", signed=True)
    if kind == _TYPE_FLOAT and len(content) == 8:
        number: float = _FLOAT.unpack(data)[1]
        return number
    if kind == 0x01 and len(content) == 1:
        return content != b"\x00"
    if not content:
        if kind == 0x00:
            return None
        if kind == 0x06:
            return Opener.ARRAY
        if kind == 0x07:
            return Opener.OBJECT
    raise CorruptRecords(f"type byte {kind:02x} with {len(content)} bytes of content is no value")


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise CorruptRecords("a text is not UTF-8") from error
