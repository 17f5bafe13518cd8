"""JSON bodies are read strictly, straight into the type that the handler declares.

The framework converts bodies by the loose rules of query strings, by which 1 is true and "1" is a number.
"""

import re
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException
from msgspec import inspect

MAX_VALUES = 2_000_000
"""Elements and members of one body, all together: a hundred thousand series with a dozen labels each are fewer.

Lists of what is next to nothing, as `{},{},{}`, take twenty times the memory of their text, and how long a list may be
is known only once it is there.
"""

_SEPARATORS = (b",", b"[", b"{")
_COUNTED_BYTES = 1 << 20
_WHERE = re.compile(r"^(?P<what>.*) - at `\$\.?(?P<key>.*)`$", re.DOTALL)


class StrictRequest(Request[Any, Any, Any]):
    """The request class of every app of ours; it changes nothing but how a body becomes values."""

    async def json(self) -> Any:
        """The body as its handler's `data` is declared; plain values where a handler declares none.

        Raises ValidationException for what is no JSON or of another type.
        """
        declared = self.route_handler.parsed_data_field
        return _read(await self.body(), Any if declared is None else declared.annotation)


def _read(body: bytes, kind: Any) -> Any:
    if _is_open_ended(kind):
        _check_values(body)
    try:
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error
    except RecursionError as error:
        raise _refusal("The body is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refusal(f"The body is not JSON: {error}") from error


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """Kinds are those of the handlers, so there are few."""
    return msgspec.json.Decoder(kind)


def _check_values(body: bytes) -> None:
    """Those in texts count too: none of ours that may stand beside a list is as long."""
    count = 0
    for begin in range(0, len(body), _COUNTED_BYTES):
        count += sum(body.count(mark, begin, begin + _COUNTED_BYTES) for mark in _SEPARATORS)
        if count > MAX_VALUES:
            raise _refusal(f"The body holds more than {MAX_VALUES} values")


@lru_cache(maxsize=256)
def _is_open_ended(kind: Any) -> bool:
    """Lists and trees are; what has fields of text alone has few values, however many commas are in its texts."""
    return _holds_lists(inspect.type_info(kind))


def _holds_lists(kind: inspect.Type) -> bool:
    match kind:
        case inspect.Metadata(type=inner):
            return _holds_lists(inner)
        case inspect.UnionType(types=types):
            return any(map(_holds_lists, types))
        case inspect.StructType(fields=fields):
            return any(_holds_lists(field.type) for field in fields)
        case _:
            return isinstance(kind, inspect.CollectionType | inspect.DictType | inspect.AnyType)


def _refusal(text: str) -> ValidationException:
    found = _WHERE.match(text)
    message = {"message": text} if found is None else {"key": found["key"], "message": found["what"]}
    return ValidationException("Invalid body", extra=[message])
