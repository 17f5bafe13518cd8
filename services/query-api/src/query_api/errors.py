"""What a search can be refused for, in the words of the REST contract; and why the service does not start.

contracts.errors.BadRequest
    BadSyntax        the query is no expression, or has a forbidden part; `detail` says where, for the UIs to underline
    BadQuery         an expression that the language refuses as a whole, or that costs too much
contracts.errors.TallybookError
    SettingsError    the environment lacks a setting, or a value cannot be read
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from contracts.errors import BadRequest, TallybookError
from query_api.language.errors import QueryError, QueryRejected, QuerySyntaxError, SyntaxDetail

_NAME = "SyntaxError"
"""The UIs underline the query if the message is exactly this, and then need the numbers in `detail`."""


class BadSyntax(BadRequest):
    """detail: `name`, `statement`, `line`, `offset`, `end_offset` as the contract's 1.5 has them. text: a sentence."""

    def __init__(self, text: str, detail: SyntaxDetail) -> None:
        super().__init__(_NAME)
        self.text = text
        self.detail: dict[str, Any] = {
            "name": _NAME,
            "statement": detail.statement,
            "line": detail.line,
            "offset": detail.offset,
            "end_offset": detail.end_offset or 0,
        }


class BadQuery(BadRequest):
    pass


class SettingsError(TallybookError):
    code = "settings_error"


@contextmanager
def query_errors() -> Iterator[None]:
    """Errors of the language become the client's."""
    try:
        yield
    except QuerySyntaxError as error:
        raise BadSyntax(error.message, error.detail) from error
    except QueryRejected as error:
        # What is forbidden at one place has the shape of a syntax error (query language, section 6).
        if error.detail.line is not None:
            raise BadSyntax(error.message, error.detail) from error
        raise BadQuery(error.message) from error
    except QueryError as error:
        raise BadQuery(error.message) from error
