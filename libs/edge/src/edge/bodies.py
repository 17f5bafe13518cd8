"""JSON bodies are read strictly, straight into the type that the handler declares.

The framework converts bodies by the loose rules of query strings, by which 1 is true and "1" is a number.
"""

import re
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

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


def _refusal(text: str) -> ValidationException:
    found = _WHERE.match(text)
    message = {"message": text} if found is None else {"key": found["key"], "message": found["what"]}
    return ValidationException("Invalid body", extra=[message])
