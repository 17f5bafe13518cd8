"""Binary and unary operators over plain values; a result that would be too large is refused before it is made."""

import ast
import operator
import re
from collections.abc import Callable
from typing import Any, Final

from query_api.language.costs import (
    KEYED,
    SIZED,
    charge_bits,
    charge_comparison,
    charge_numbers,
    charge_rendering,
)
from query_api.language.errors import EvaluationError, QueryBudgetExceeded, QueryRejected
from query_api.language.interpreter.distinct import join
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.membership import contains
from query_api.language.values import NULL, Parameter, plain

MAX_FIELD_WIDTH: Final = 1_000
"""Characters that one field of a format may ask for."""

_CONVERSION: Final = re.compile(r"%[#0\- +]*(\*|\d+)?(?:\.(\*|\d+)?)?")
_MAPPING_KEY: Final = "%("
_DIGITS: Final = re.compile(r"\d+")
_TEMPLATE_PER_STEP: Final = 16
"""Characters of a format, whose fields are looked for."""
_SEQUENCES: Final = (str, bytes, list, tuple)

Operation = Callable[[Frame, Any, Any], Any]


def check_width(digits: str) -> None:
    if len(digits) > 4 or int(digits) > MAX_FIELD_WIDTH:
        raise QueryBudgetExceeded(f"A format asks for more than {MAX_FIELD_WIDTH} characters.")


def check_format_spec(frame: Frame, spec: str) -> None:
    """A width or precision in the text after the colon of an f-string field."""
    frame.budget.take_steps(len(spec) // _TEMPLATE_PER_STEP)
    for digits in _DIGITS.findall(spec):
        check_width(digits)


def multiply(frame: Frame, left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        frame.budget.check_bits(left.bit_length() + right.bit_length() - 1)
        charge_numbers(frame.budget, left, right)
    elif isinstance(left, _SEQUENCES) and isinstance(right, int):
        size = len(left) if isinstance(left, (str, bytes)) else frame.budget.weigh(left)
        frame.budget.take_bytes(size * max(right, 0))
        return left * right
    elif isinstance(right, _SEQUENCES) and isinstance(left, int):
        return multiply(frame, right, left)
    return frame.budget.keep(left * right)


def power(frame: Frame, base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0 and base not in (-1, 0, 1):
        bits = abs(base).bit_length() * exponent
        frame.budget.check_bits(bits)
        charge_bits(frame.budget, bits)
    return frame.budget.keep(base**exponent)


def _shift_left(frame: Frame, left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        frame.budget.check_bits(left.bit_length() + right)
    return frame.budget.keep(left << right)


def _remainder(frame: Frame, left: Any, right: Any) -> Any:
    if isinstance(left, bytes):
        raise QueryRejected("Formatting of bytes is not supported.")
    if isinstance(left, str):
        _check_template(frame, left)
        charge_rendering(frame.budget, right)
    else:
        charge_numbers(frame.budget, left, right)
    return frame.budget.keep(left % right)


def _check_template(frame: Frame, text: str) -> None:
    """The widths in the left side of `%`."""
    frame.budget.take_steps(len(text) // _TEMPLATE_PER_STEP)
    if _MAPPING_KEY in text:
        # Keys may hold nested parentheses, so a width is hard to tell from other digits: all of them must be small.
        check_format_spec(frame, text)
    for digits in (part for conversion in _CONVERSION.findall(text) for part in conversion if part):
        if digits == "*":
            raise QueryRejected("A * in a % format is not supported.")
        check_width(digits)


def _matrix_multiply(frame: Frame, left: Any, right: Any) -> Any:
    raise EvaluationError("no value of a query knows the operator @")


def _direct(operate: Callable[[Any, Any], Any]) -> Operation:
    return lambda frame, left, right: frame.budget.keep(operate(left, right))


def _divided(operate: Callable[[Any, Any], Any]) -> Operation:
    def call(frame: Frame, left: Any, right: Any) -> Any:
        charge_numbers(frame.budget, left, right)
        return frame.budget.keep(operate(left, right))

    return call


def _joined(operate: Callable[[Any, Any], Any]) -> Operation:
    """An operator that sets and dicts know beside whole numbers."""

    def call(frame: Frame, left: Any, right: Any) -> Any:
        if (type(left) in KEYED and type(right) in SIZED) or (type(right) in KEYED and type(left) in SIZED):
            return join(frame, operate, left, right)
        return frame.budget.keep(operate(left, right))

    return call


_BINARY: Final[dict[type[ast.operator], Operation]] = {
    ast.Add: _direct(operator.add),
    ast.Sub: _joined(operator.sub),
    ast.Mult: multiply,
    ast.MatMult: _matrix_multiply,
    ast.Div: _divided(operator.truediv),
    ast.FloorDiv: _divided(operator.floordiv),
    ast.Mod: _remainder,
    ast.Pow: power,
    ast.LShift: _shift_left,
    ast.RShift: _direct(operator.rshift),
    ast.BitAnd: _joined(operator.and_),
    ast.BitOr: _joined(operator.or_),
    ast.BitXor: _joined(operator.xor),
}
_UNARY: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.USub: lambda value: -plain(value),
    ast.UAdd: lambda value: +plain(value),
    ast.Invert: lambda value: ~int(plain(value)) if isinstance(plain(value), bool) else ~plain(value),
    ast.Not: operator.not_,
}


def binary(kind: type[ast.operator]) -> Operation:
    """The operator over two values, wrapped or not."""
    operate = _BINARY[kind]
    if kind is ast.Mod:
        return lambda frame, left, right: operate(frame, plain(left), _formatted(right))
    return lambda frame, left, right: operate(frame, plain(left), plain(right))


class _Formatted(Parameter):
    """A stored value at the right side of `%`: has keys whatever it is, and `'%d'` shows the number that a text spells.

    What has keys may have more than the template asks for, so that `'a' % run.lr` is no error, as it is of a number.
    """

    __slots__ = ()

    __getitem__ = Parameter.child


def _formatted(value: Any) -> Any:
    return _Formatted(plain(value)) if isinstance(value, Parameter) or value is NULL else value


def add(frame: Frame, left: Any, right: Any) -> Any:
    return frame.budget.keep(plain(left) + plain(right))


def unary(kind: type[ast.unaryop]) -> Callable[[Any], Any]:
    return _UNARY[kind]


def _compared(compare: Callable[[Any, Any], Any]) -> Operation:
    def call(frame: Frame, left: Any, right: Any) -> Any:
        if type(left) in SIZED and type(right) in SIZED:
            charge_comparison(frame.budget, left, right)
        return compare(left, right)

    return call


_ORDERS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
WITH_LITERALS: Final = {**_ORDERS, ast.Is: operator.is_, ast.IsNot: operator.is_not}
"""Comparisons with a short literal, which bounds what there is to compare."""

COMPARISONS: Final[dict[type[ast.cmpop], Operation]] = {
    **{kind: _compared(compare) for kind, compare in _ORDERS.items()},
    ast.Is: lambda frame, left, right: left is right,
    ast.IsNot: lambda frame, left, right: left is not right,
    ast.In: contains,
    ast.NotIn: lambda frame, item, container: not contains(frame, item, container),
}
