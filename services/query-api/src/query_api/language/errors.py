"""What can go wrong with a query, as data.

QueryError
├── QuerySyntaxError     the text is no Python expression
├── QueryRejected        an expression that the language does not allow or does not support
└── QueryBudgetExceeded  an allowed expression that costs too much
RunDataError             the caller's data failed while a query read it; not the fault of the query
EvaluationError          internal: this run or sequence does not match
EvaluationPutOff         not an error: the item needs more steps than it was allowed at once
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SyntaxDetail:
    """Where the text is wrong. Positions count inside `(` + trimmed query + `)`, 1-based; None or 0 when unknown."""

    statement: str | None = None
    """The line of the wrapped text that holds the error."""
    line: int | None = None
    offset: int | None = None
    end_offset: int | None = None


class QueryError(Exception):
    """A query that cannot be answered; `code` is stable, `message` is written for the person who typed the query."""

    code: ClassVar[str] = "query_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class QuerySyntaxError(QueryError):
    """The text is not one Python expression."""

    code = "query_syntax_error"

    def __init__(self, message: str, detail: SyntaxDetail) -> None:
        super().__init__(message)
        self.detail = detail


class QueryRejected(QueryError):
    """A valid expression that uses something forbidden, too large, or unsupported.

    Raised when the query is compiled, or, for what only values can tell (a method of a value), at the first evaluation.
    """

    code = "query_rejected"

    def __init__(self, message: str, detail: SyntaxDetail | None = None) -> None:
        super().__init__(message)
        self.detail = detail if detail is not None else SyntaxDetail()


class QueryBudgetExceeded(QueryError):
    """Evaluation needed too many steps, too much memory or too much time: the request ends, not the item alone."""

    code = "query_budget_exceeded"


class RunDataError(Exception):
    """A view that the caller passed in failed; the cause is chained."""

    code: ClassVar[str] = "run_data_error"


class EvaluationError(Exception):
    """The reference would raise here; the item under evaluation does not match."""


class EvaluationPutOff(Exception):  # nothing is wrong: the same item may be evaluated again, from the start
    """Only for callers who set `QueryBudget.allow_at_once`."""


EVALUATION_ERRORS = (
    EvaluationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What operators and functions raise on plain values; every one means that the item does not match.

RecursionError among them: a stored value that is nested very deeply must not end the search of everyone.
"""
