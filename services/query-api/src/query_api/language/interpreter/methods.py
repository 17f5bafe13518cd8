"""Methods and properties of plain values: the tables name every one that a query may use; none changes its value."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from query_api.language.errors import EvaluationError, QueryRejected
from query_api.language.interpreter.callables import Arguments, Keywords, QueryFunction, native
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import counted, materialised
from query_api.language.values import plain

TEXT_METHODS: Final = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isprintable",
        "isspace",
        "istitle",
        "isupper",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    ]
)
_PRODUCT_COST: Final = frozenset(["rfind", "rindex", "rpartition", "rsplit", "strip", "lstrip", "rstrip"])
"""Searches from the right and sets of characters: each place is compared with each character of the argument."""
_COMPARISONS_PER_STEP: Final = 256
TEXT_FORMATTERS: Final = frozenset({"format", "format_map"})
_WHOLE: Final = frozenset({"real", "imag", "numerator", "denominator"})
_DAY: Final = frozenset({"year", "month", "day"})
_CLOCK: Final = frozenset({"hour", "minute", "second", "microsecond", "fold"})
_PROPERTIES: Final[dict[type, frozenset[str]]] = {
    int: _WHOLE,
    bool: _WHOLE,
    float: frozenset({"real", "imag"}),
    complex: frozenset({"real", "imag"}),
    range: frozenset({"start", "stop", "step"}),
    date: _DAY,
    time: _CLOCK,
    datetime: _DAY | _CLOCK,
    timedelta: frozenset({"days", "seconds", "microseconds"}),
    type(date.min.isocalendar()): frozenset({"year", "week", "weekday"}),
}
_INT_METHODS: Final = frozenset(["as_integer_ratio", "bit_count", "bit_length", "conjugate", "is_integer"])
_DATE_METHODS: Final = frozenset(["ctime", "isocalendar", "isoformat", "isoweekday", "replace", "toordinal", "weekday"])
_SET_METHODS: Final = frozenset(
    ["difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"]
)
METHODS: Final[dict[type, frozenset[str]]] = {
    str: TEXT_METHODS,
    int: _INT_METHODS,
    bool: _INT_METHODS,
    float: frozenset(["as_integer_ratio", "conjugate", "hex", "is_integer"]),
    complex: frozenset({"conjugate"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    range: frozenset({"count", "index"}),
    dict: frozenset({"get", "items", "keys", "values"}),
    set: _SET_METHODS,
    frozenset: _SET_METHODS,
    date: _DATE_METHODS,
    time: frozenset({"isoformat", "replace"}),
    datetime: _DATE_METHODS | {"date", "time"},
    timedelta: frozenset({"total_seconds"}),
}
_MAX_TIME_FORMAT: Final = 1_000


def _padded(name: str) -> Callable[[Frame, str, Arguments], Any]:
    def call(frame: Frame, text: str, arguments: Arguments) -> Any:
        if arguments and isinstance(arguments[0], int):
            frame.budget.take_bytes(max(arguments[0], 0))
        return getattr(text, name)(*arguments)

    return call


def _replace(frame: Frame, text: str, arguments: Arguments) -> str:
    if len(arguments) >= 2 and isinstance(arguments[0], str) and isinstance(arguments[1], str):
        frame.budget.take_bytes(len(text) + text.count(arguments[0]) * len(arguments[1]))
    return text.replace(*arguments)


def _join(frame: Frame, text: str, arguments: Arguments) -> str:
    (parts,) = arguments
    pieces: list[Any] = list(counted(frame, parts))
    frame.budget.take_bytes(len(text) * len(pieces) + sum(len(piece) for piece in pieces if isinstance(piece, str)))
    return text.join(pieces)


def _expand_tabs(frame: Frame, text: str, arguments: Arguments) -> str:
    size = arguments[0] if arguments and isinstance(arguments[0], int) else 8
    frame.budget.take_bytes(len(text) + text.count("\t") * max(size, 0))
    return text.expandtabs(*arguments)


GUARDED_TEXT_METHODS: Final[dict[str, Callable[[Frame, str, Arguments], Any]]] = {
    "center": _padded("center"),
    "ljust": _padded("ljust"),
    "rjust": _padded("rjust"),
    "zfill": _padded("zfill"),
    "replace": _replace,
    "join": _join,
    "expandtabs": _expand_tabs,
}


def guarded_method(text: str, name: str) -> QueryFunction:
    guard = GUARDED_TEXT_METHODS[name]

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        if keywords:
            raise QueryRejected(f"Keyword arguments of '{name}' are not supported.")
        return frame.budget.keep(guard(frame, text, tuple(map(plain, arguments))))

    return QueryFunction(name, call)


def method(value: Any, name: str) -> QueryFunction:
    """A method that costs no more than its operands weigh; it never changes its value."""
    function = getattr(value, name)

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        values = [materialised(frame, plain(argument)) for argument in arguments]
        if isinstance(value, str) and name in _PRODUCT_COST and values and isinstance(values[0], str):
            frame.budget.take_steps(len(value) * len(values[0]) // _COMPARISONS_PER_STEP)
        result = function(*values, **{key: plain(item) for key, item in keywords.items()})
        return frame.budget.keep(result)

    return QueryFunction(name, call)


def _time_format(value: Any) -> QueryFunction:
    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        (pattern,) = (*arguments, *keywords.values())
        pattern = plain(pattern)
        if isinstance(pattern, str) and len(pattern) > _MAX_TIME_FORMAT:
            raise QueryRejected(f"A time format is longer than {_MAX_TIME_FORMAT} characters.")
        return frame.budget.keep(value.strftime(pattern))

    return QueryFunction("strftime", call)


def _epoch_seconds(value: datetime) -> QueryFunction:
    # The server's zone is taken to be UTC; Python would ask the zone of the machine for a naive time.
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return native("timestamp", aware.timestamp)


def plain_attribute(value: Any, name: str) -> Any:
    """An attribute of a plain value; a missing one is None, one that exists but is not offered is refused."""
    kind = type(value)
    if name in METHODS.get(kind, ()) and hasattr(value, name):
        return method(value, name)
    if name in _PROPERTIES.get(kind, ()):
        return getattr(value, name)
    if isinstance(value, str):
        if name in GUARDED_TEXT_METHODS:
            return guarded_method(value, name)
        if name in TEXT_FORMATTERS:
            raise EvaluationError(f"'{name}' is not allowed on texts")
    if name == "strftime" and isinstance(value, (date, time)):
        return _time_format(value)
    if name == "timestamp" and isinstance(value, datetime):
        return _epoch_seconds(value)
    return absent(kind.__name__, name, hasattr(value, name))


def absent(owner: str, name: str, exists: bool) -> None:
    """The value of an attribute that the query cannot have."""
    if exists:
        raise QueryRejected(f"'{name}' of {owner} is not supported in a query.")
