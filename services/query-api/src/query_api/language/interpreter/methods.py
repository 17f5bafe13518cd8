"""Methods and properties of plain values: the tables name every one that a query may use; none changes its value."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from query_api.language.budget import QueryBudget
from query_api.language.costs import charge_key, charge_parts, charge_scan, charge_search
from query_api.language.errors import EvaluationError, QueryRejected
from query_api.language.interpreter.callables import Arguments, Keywords, QueryFunction, native
from query_api.language.interpreter.distinct import as_set, distinct, join
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import counted, materialised
from query_api.language.values import plain

Cost = Callable[[QueryBudget, Any, Sequence[Any]], None]
"""Takes the steps of one call from the value and its arguments."""


def _charge_size(per_step: int) -> Cost:
    def charge(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
        budget.take_steps(len(value) // per_step)

    return charge


def _charge_arguments(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
    for argument in arguments:
        if type(argument) is not str or len(argument) > _SHORT_ARGUMENT:
            charge_parts(budget, argument)


def _charge_found(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
    charge_search(budget, value, arguments[0] if arguments else None)


def _charge_product(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
    """Searches from the right and sets of characters: each place is compared with each character of the argument."""
    wanted = arguments[0] if arguments and isinstance(arguments[0], str) else ""
    budget.take_steps(len(value) // _LOOKED_AT_PER_STEP + len(value) * len(wanted) // _COMPARISONS_PER_STEP)


def _charge_pieces(search: Cost) -> Cost:
    def charge(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
        budget.take_steps(len(value) // _SPLIT_PER_STEP)
        search(budget, value, arguments)

    return charge


def _charge_scan(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
    if arguments:
        charge_scan(budget, arguments[0], value)


def _charge_look_up(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
    if arguments:
        charge_key(budget, arguments[0])


def free(budget: QueryBudget, value: Any, arguments: Sequence[Any]) -> None:
    """It takes no longer for a large value."""


_SHORT_ARGUMENT: Final = 256
_LOOKED_AT_PER_STEP: Final = 128
_SPLIT_PER_STEP: Final = 32
_COPIED_PER_STEP: Final = 256
_COMPARISONS_PER_STEP: Final = 256
_charge_characters: Final = _charge_size(_LOOKED_AT_PER_STEP)

TEXT_METHODS: Final[dict[str, Cost]] = {
    "capitalize": _charge_characters,
    "casefold": _charge_characters,
    "count": _charge_found,
    "endswith": _charge_arguments,
    "find": _charge_found,
    "index": _charge_found,
    "isalnum": _charge_characters,
    "isalpha": _charge_characters,
    "isascii": free,
    "isdecimal": _charge_characters,
    "isdigit": _charge_characters,
    "isidentifier": _charge_characters,
    "islower": _charge_characters,
    "isnumeric": _charge_characters,
    "isprintable": _charge_characters,
    "isspace": _charge_characters,
    "istitle": _charge_characters,
    "isupper": _charge_characters,
    "lower": _charge_characters,
    "lstrip": _charge_product,
    "partition": _charge_found,
    "removeprefix": _charge_arguments,
    "removesuffix": _charge_arguments,
    "rfind": _charge_product,
    "rindex": _charge_product,
    "rpartition": _charge_product,
    "rsplit": _charge_pieces(_charge_product),
    "rstrip": _charge_product,
    "split": _charge_pieces(_charge_found),
    "splitlines": _charge_pieces(free),
    "startswith": _charge_arguments,
    "strip": _charge_product,
    "swapcase": _charge_characters,
    "title": _charge_characters,
    "upper": _charge_characters,
}
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
_LISTS: Final[dict[str, Cost]] = {"count": _charge_scan, "index": _charge_scan}
# A number or a time has a bounded size.
_INT_METHODS: Final[dict[str, Cost]] = dict.fromkeys(
    ["as_integer_ratio", "bit_count", "bit_length", "conjugate", "is_integer"], free
)
_DATE_METHODS: Final[dict[str, Cost]] = dict.fromkeys(
    ["ctime", "isocalendar", "isoformat", "isoweekday", "replace", "toordinal", "weekday"], free
)
# Sets are paid for where they are joined.
_SET_METHODS: Final[dict[str, Cost]] = dict.fromkeys(
    ["difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"], free
)
METHODS: Final[dict[type, dict[str, Cost]]] = {
    str: TEXT_METHODS,
    int: _INT_METHODS,
    bool: _INT_METHODS,
    float: dict.fromkeys(["as_integer_ratio", "conjugate", "hex", "is_integer"], free),
    complex: {"conjugate": free},
    list: _LISTS,
    tuple: _LISTS,
    range: _LISTS,
    dict: {"get": _charge_look_up, "items": free, "keys": free, "values": free},
    set: _SET_METHODS,
    frozenset: _SET_METHODS,
    date: _DATE_METHODS,
    time: {"isoformat": free, "replace": free},
    datetime: {**_DATE_METHODS, "date": free, "time": free},
    timedelta: {"total_seconds": free},
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
        # Once to count, once to replace.
        for _ in range(2):
            charge_search(frame.budget, text, arguments[0])
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
        frame.budget.take_steps(len(text) // _COPIED_PER_STEP)
        return frame.budget.keep(guard(frame, text, tuple(map(plain, arguments))))

    return QueryFunction(name, call)


def method(value: Any, name: str) -> QueryFunction:
    """A method that never changes its value."""
    if isinstance(value, (set, frozenset)):
        return _set_method(value, name)
    function, cost = getattr(value, name), METHODS[type(value)][name]

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        values = [materialised(frame, plain(argument)) for argument in arguments]
        options = {key: plain(item) for key, item in keywords.items()}
        cost(frame.budget, value, [*values, *options.values()])
        return frame.budget.keep(function(*values, **options))

    return QueryFunction(name, call)


def _set_method(value: Any, name: str) -> QueryFunction:
    kind = type(value)
    function = getattr(kind, name)

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        if keywords:
            raise TypeError(f"{name} takes no keyword arguments")
        if name == "union":
            # Each operand may have its own keys of one hash: no step between the first and the last is too slow.
            items = itertools.chain.from_iterable(counted(frame, one) for one in (value, *arguments))
            return frame.budget.keep(kind(distinct(frame, items)))
        return join(frame, function, value, *(as_set(frame, plain(argument)) for argument in arguments))

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
