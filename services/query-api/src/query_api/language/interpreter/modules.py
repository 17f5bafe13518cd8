"""`math` and `string` as far as a query may use them."""

import functools
import math
import string
from collections.abc import Callable
from typing import Any, Final

from query_api.language.costs import Rate, charge_numbers, charge_parts
from query_api.language.errors import QueryBudgetExceeded
from query_api.language.interpreter import operations
from query_api.language.interpreter.callables import Arguments, Keywords, Namespace, QueryFunction, native
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import counted, materialised
from query_api.language.values import Parameter, plain

_FACTORIAL_LIMIT: Final = 1_000
_MATH_FUNCTIONS: Final = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "degrees",
    "dist",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "floor",
    "fmod",
    "frexp",
    "fsum",
    "gamma",
    "gcd",
    "hypot",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isqrt",
    "ldexp",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "modf",
    "nextafter",
    "pow",
    "radians",
    "remainder",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
    "ulp",
]
_SUMMED: Final = Rate(8, 256)
_FACTORS_PER_STEP: Final = 8
_MATH_CONSTANTS: Final = ("e", "inf", "nan", "pi", "tau")
_TEXT_CONSTANTS: Final = (
    "ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "octdigits", "printable",
    "punctuation", "whitespace",
)  # fmt: skip


def _over_numbers(name: str) -> QueryFunction:
    function: Callable[..., Any] = getattr(math, name)

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        values = [materialised(frame, _number(argument)) for argument in arguments]
        for value in values:
            charge_parts(frame.budget, value, _SUMMED)
        charge_numbers(frame.budget, *values)
        return frame.budget.keep(function(*values, **{key: _number(value) for key, value in keywords.items()}))

    return QueryFunction(name, call)


def _number(argument: Any) -> Any:
    """A stored text counts as the number that it spells: its wrapper converts as `float` does, unlike a plain text."""
    value = plain(argument)
    return float(value) if isinstance(argument, Parameter) and isinstance(value, str) else value


def _product(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    (items,) = arguments
    multiply = functools.partial(_multiply_plain, frame)
    return functools.reduce(multiply, counted(frame, items), plain(keywords.get("start", 1)))


def _multiply_plain(frame: Frame, left: Any, right: Any) -> Any:
    return operations.multiply(frame, plain(left), plain(right))


def _bounded(function: Callable[..., int]) -> Callable[[Frame, Arguments, Keywords], Any]:
    """A function whose result grows with the value of its arguments."""

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        values = [plain(argument) for argument in arguments]
        if any(isinstance(value, int) and value > _FACTORIAL_LIMIT for value in values):
            raise QueryBudgetExceeded(f"math.{function.__name__} of more than {_FACTORIAL_LIMIT}.")
        for value in values:
            if isinstance(value, int) and value > 0:
                frame.budget.take_steps(value // _FACTORS_PER_STEP)
        return frame.budget.keep(function(*values, **keywords))

    return call


def _least_common_multiple(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    values = [plain(argument) for argument in arguments]
    frame.budget.check_bits(sum(value.bit_length() for value in values if isinstance(value, int)))
    charge_numbers(frame.budget, *values)
    return math.lcm(*values)


def _of_module(module: Any, name: str, members: dict[str, Any]) -> Namespace:
    return Namespace(name, members, frozenset(vars(module)))


MATH: Final = _of_module(
    math,
    "math",
    {
        **{name: _over_numbers(name) for name in _MATH_FUNCTIONS},
        **{name: getattr(math, name) for name in _MATH_CONSTANTS},
        "comb": QueryFunction("comb", _bounded(math.comb)),
        "factorial": QueryFunction("factorial", _bounded(math.factorial)),
        "lcm": QueryFunction("lcm", _least_common_multiple),
        "perm": QueryFunction("perm", _bounded(math.perm)),
        "prod": QueryFunction("prod", _product),
    },
)
STRING: Final = _of_module(
    string,
    "string",
    {**{name: getattr(string, name) for name in _TEXT_CONSTANTS}, "capwords": native("capwords", string.capwords)},
)
