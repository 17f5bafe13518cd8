"""From the text that a person typed to one parsed expression, or to an error that points into the text."""

import ast
import re
import warnings
from dataclasses import dataclass
from typing import Final

from query_api.language.errors import QueryRejected, QuerySyntaxError, SyntaxDetail

MAX_TEXT_BYTES: Final = 64 * 1024
"""The selection of many rows in the UI becomes `run.hash in [...]`."""

_FILE_NAME: Final = "<query>"
_SELECT: Final = "select"
_IF: Final = re.compile("if", re.IGNORECASE)
_NOWHERE: Final = SyntaxDetail(statement="", line=0, offset=0, end_offset=0)


@dataclass(frozen=True, slots=True)
class QuerySource:
    """The condition inside a query text."""

    text: str
    """Trimmed and without a leading `SELECT … IF`; empty when there is no condition."""
    had_select: bool

    @property
    def wrapped(self) -> str:
        """What the parser sees and what positions of errors count in."""
        return f"({self.text})"


def read_source(query: str) -> QuerySource:
    """Trim the text and cut `SELECT … IF`.

    Raises QuerySyntaxError if a SELECT has no condition, QueryRejected if the text is too long.
    """
    text = query.strip()
    if "\0" in text:
        raise QuerySyntaxError("Invalid query syntax: the text contains a null character", SyntaxDetail())
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise QueryRejected(f"The query is longer than {MAX_TEXT_BYTES} bytes.")
    if not text.lower().startswith(_SELECT):
        return QuerySource(text, had_select=False)
    # The first "if" counts even inside a word; saved queries rely on the plain rule.
    pieces = _IF.split(text, maxsplit=1)
    condition = pieces[1].strip() if len(pieces) > 1 else ""
    if not condition:
        raise QuerySyntaxError("Invalid query syntax: SELECT without a condition after IF", _NOWHERE)
    return QuerySource(condition, had_select=True)


def parse(source: QuerySource) -> ast.expr:
    """The expression of a non-empty source.

    Raises QuerySyntaxError, or QueryRejected if it is nested too deeply to parse.
    """
    return _parse_text(source.wrapped)


def check_enclosed(source: QuerySource) -> None:
    """Raises QuerySyntaxError if the text closes the parenthesis around it.

    Text such as `a) or (b` is one expression once wrapped, yet escapes from the wrapping; between other brackets it is
    none. For trees that passed the check: a `yield` is refused there with its own position.
    """
    _parse_text(f"[{source.text}]")


def _parse_text(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            # Unknown escapes and `1or 2` only warn, with another category in each version of Python.
            warnings.simplefilter("ignore")
            return ast.parse(text, _FILE_NAME, "eval").body
    except SyntaxError as error:
        detail = SyntaxDetail(error.text, error.lineno, error.offset, error.end_offset or 0)
        raise QuerySyntaxError(f"Invalid query syntax: {error}", detail) from None
    except ValueError as error:  # a lone surrogate; before Python 3.12 also a null character
        raise QuerySyntaxError(f"Invalid query syntax: {error}", SyntaxDetail()) from None
    except (RecursionError, MemoryError):
        raise QueryRejected("The query is nested too deeply.") from None
