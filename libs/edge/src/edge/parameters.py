"""Query parameters whose text the framework does not read as the REST contract says (1.3)."""

import re
from collections.abc import Sequence
from typing import Any

from litestar._openapi.schema_generation import SchemaCreator
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from contracts.errors import BadRequest, ValidationFailed

_TRUE = frozenset({"true", "1", "on", "yes"})
_FALSE = frozenset({"false", "0", "off", "no"})
TIMEZONE_LIMIT_MINUTES = 24 * 60
_MINUTES = re.compile(r"-?[0-9]+")
_HIGHEST_BOUND = 1 << 62
_BOUND_DIGITS = 19
"""Of numbers that may be above it."""


class Flag:
    """A boolean of a query string: true, false, 1, 0, on, off, yes, no in any case."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return self.value

    @classmethod
    def parse(cls, text: str) -> "Flag":
        lowered = text.strip().lower()
        if lowered in _TRUE or lowered in _FALSE:
            return cls(lowered in _TRUE)
        raise ValueError(f"{text!r} is not a boolean")


def decode_flag(_: type, value: Any) -> Any:
    """Litestar's type decoder for Flag."""
    return value if isinstance(value, Flag) else Flag.parse(str(value))


class FlagSchema(OpenAPISchemaPlugin):
    """Says in the OpenAPI file that a Flag is a boolean."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Flag

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        return Schema(type=OpenAPIType.BOOLEAN)


TYPE_DECODERS: Sequence[tuple[Any, Any]] = ((lambda kind: kind is Flag, decode_flag),)


def parse_range(text: str) -> tuple[int | None, int | None]:
    """`start:stop`, half-open; either side or all of it may be empty. `a` alone means `a:`.

    Raises BadRequest for what is no integer or negative. A third part is ignored. A bound is 2^62 at most.
    """
    parts = text.strip().split(":")
    return _bound(parts[0]), _bound(parts[1]) if len(parts) > 1 else None


def _bound(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise BadRequest("Invalid range format")
    digits = text.lstrip("0")
    # Nothing is numbered as high, and a text of thousands of digits is one that `int` refuses.
    return int(digits or "0") if len(digits) < _BOUND_DIGITS else _HIGHEST_BOUND


def parse_timezone(header: str | None) -> int:
    """Minutes, UTC minus local time, as browsers count. Raises ValidationFailed if it is no integer of one day."""
    if header is None:
        return 0
    if not _MINUTES.fullmatch(header.strip()):
        raise ValidationFailed("X-Timezone-Offset must be an integer of minutes")
    # A text of thousands of digits is one that `int` refuses.
    minutes = int(header) if len(header) < _BOUND_DIGITS else TIMEZONE_LIMIT_MINUTES + 1
    if abs(minutes) > TIMEZONE_LIMIT_MINUTES:
        raise ValidationFailed("X-Timezone-Offset must be within one day")
    return minutes
