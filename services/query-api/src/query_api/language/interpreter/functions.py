"""The functions and types of the language that are no methods."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from query_api.language.costs import charge_key, charge_numbers, charge_order, charge_rendering
from query_api.language.errors import EvaluationError, QueryBudgetExceeded, QueryRejected
from query_api.language.interpreter import operations
from query_api.language.interpreter.callables import (
    Arguments,
    Keywords,
    QueryFunction,
    QueryType,
    at_once,
    invoke,
    native,
)
from query_api.language.interpreter.distinct import distinct, mapping
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import counted
from query_api.language.values import UNDEFINED, Parameter, plain

_RANGE_LIMIT: Final = 1_000
_ROUND_LIMIT: Final = 400
_WORD_BITS: Final = 64
_WORDS_PER_INVERSION_STEP: Final = 4


def _materialise(frame: Frame, container: Callable[..., Any], arguments: Arguments, keywords: Keywords) -> Any:
    """A new container of a counted iterable."""
    if keywords or len(arguments) > 1:
        raise TypeError("at most one positional argument")
    if not arguments:
        return container()
    items = counted(frame, arguments[0])
    return frame.budget.keep(container(items if container in (list, tuple) else distinct(frame, items)))


def _guarded_sequence(container: type) -> Callable[[Frame, Arguments, Keywords], Any]:
    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        if arguments and isinstance(plain(arguments[0]), str):
            raise EvaluationError(f"{container.__name__} refuses a text")
        return _materialise(frame, container, arguments, keywords)

    return call


def _container(container: type) -> Callable[[Frame, Arguments, Keywords], Any]:
    return lambda frame, arguments, keywords: _materialise(frame, container, arguments, keywords)


def _range(frame: Frame, arguments: Arguments, keywords: Keywords) -> range:
    if keywords:
        raise TypeError("range takes no keyword arguments")
    result = range(*map(plain, arguments))
    if result and abs(result[-1] - result[0]) // abs(result.step) + 1 >= _RANGE_LIMIT:
        raise EvaluationError(f"range of {_RANGE_LIMIT} items or more")
    return result


def _any(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    (items,) = arguments
    return any(counted(frame, items))


def _all(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    (items,) = arguments
    return all(counted(frame, items))


def _sum(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    items, start = _with_default(arguments, keywords, "start", 0)
    if isinstance(start, (str, bytes)):
        raise TypeError("sum of texts")
    add = functools.partial(operations.add, frame)
    return functools.reduce(add, counted(frame, items), start)


def _with_default(arguments: Arguments, keywords: Keywords, name: str, default: Any) -> tuple[Any, Any]:
    if len(arguments) == 2:
        return arguments[0], plain(arguments[1])
    (first,) = arguments
    return first, plain(keywords.get(name, default))


def _extreme(choose: Callable[..., Any]) -> Callable[[Frame, Arguments, Keywords], Any]:
    """`min` or `max`. Items keep their wrappers: ordering of unlike types decides as everywhere else."""

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        items = list(counted(frame, arguments[0] if len(arguments) == 1 else arguments))
        keys = _keys(frame, items, keywords)
        charge_order(frame.budget, keys if keys is not None else items, 1)
        if not items and "default" in keywords and len(arguments) == 1:
            return keywords["default"]
        return choose(items) if keys is None else items[choose(range(len(items)), key=keys.__getitem__)]

    return call


def _sorted(frame: Frame, arguments: Arguments, keywords: Keywords) -> list[Any]:
    (values,) = arguments
    items = list(counted(frame, values))
    keys = _keys(frame, items, keywords)
    charge_order(frame.budget, keys if keys is not None else items, len(items).bit_length())
    reverse = bool(keywords.get("reverse", False))
    if keys is None:
        items.sort(reverse=reverse)
    else:
        items = [items[place] for place in sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)]
    frame.budget.keep(items)
    return items


def _keys(frame: Frame, items: list[Any], keywords: Keywords) -> list[Any] | None:
    """What decides the order of each item; None for the item itself."""
    unknown = keywords.keys() - {"key", "default", "reverse"}
    if unknown:
        raise TypeError(f"unknown keyword argument {min(unknown)}")
    key = keywords.get("key")
    return None if key is None else [invoke(frame, key, (item,)) for item in items]


def _text(frame: Frame, arguments: Arguments, keywords: Keywords) -> str:
    if keywords or len(arguments) > 1:
        raise QueryRejected("str of bytes is not supported.")
    value = plain(arguments[0]) if arguments else ""
    charge_rendering(frame.budget, value)
    result = str(value)
    frame.budget.take_bytes(len(result))
    return result


def _round(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    number, digits = _with_default(arguments, keywords, "ndigits", None)
    if isinstance(number, Parameter) and digits is not None:
        raise EvaluationError("a parameter rounds to whole numbers only")
    if isinstance(digits, int) and abs(digits) > _ROUND_LIMIT:
        raise QueryBudgetExceeded(f"round to more than {_ROUND_LIMIT} digits.")
    charge_numbers(frame.budget, plain(number))
    return frame.budget.keep(round(plain(number), digits))


def _pow(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    values = [plain(argument) for argument in (*arguments, *keywords.values())]
    if len(values) < 3 or values[2] is None:
        return operations.power(frame, values[0], values[1])
    base, exponent, modulus = values
    if isinstance(exponent, int) and isinstance(modulus, int):
        # One squaring of the modulus's size for each bit of the exponent.
        words = modulus.bit_length() // _WORD_BITS + 1
        frame.budget.take_steps(exponent.bit_length() * words * words // 100)
        if exponent < 0:
            frame.budget.take_steps(words * words // _WORDS_PER_INVERSION_STEP)
    return pow(base, exponent, modulus)


def _is_instance(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    value, kinds = arguments
    return isinstance(plain(value), _python_types(frame, kinds))


def _is_subclass(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    kind, kinds = arguments
    if not isinstance(kind, QueryType):
        raise TypeError("issubclass needs a type")
    return issubclass(kind.python_type, _python_types(frame, kinds))


def _python_types(frame: Frame, kinds: Any) -> tuple[type, ...]:
    found = kinds if isinstance(kinds, tuple) else (kinds,)
    frame.budget.take_steps(len(found))
    if not all(isinstance(kind, QueryType) for kind in found):
        raise TypeError("isinstance needs types")
    return tuple(kind.python_type for kind in found)


def _callable(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    (value,) = arguments
    return isinstance(plain(value), (QueryFunction, QueryType))


def _same_type(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    first, *others = (type(plain(argument)) for argument in arguments)
    return all(kind is first for kind in others)


def _reorder(frame: Frame, arguments: Arguments, keywords: Keywords) -> list[Any]:
    """The items in the order of the second argument, those alone that it names, without those of the third."""
    given = dict(zip(("s", "with_", "without"), arguments, strict=False)) | keywords
    kept = mapping(frame, _pairs(frame, given["s"]))
    for key, _ in _pairs(frame, given.get("without", ())):
        charge_key(frame.budget, key)
        kept.pop(key, None)
    order = given.get("with_")
    keys = [key for key, _ in _pairs(frame, order)] if order is not None else list(kept)
    return frame.budget.keep([(key, kept.pop(key)) for key in keys if key in kept])  # type: ignore[no-any-return]  # the budget gives back what it got


def _pairs(frame: Frame, items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs of key and value as they are, any other item as both."""
    for item in counted(frame, items):
        yield item if isinstance(item, tuple) and len(item) == 2 else (item, item)


def _test(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    """Pairs of condition and value, then a default: the value of the first true condition."""
    for index in range(0, len(arguments) - 1, 2):
        if arguments[index]:
            return arguments[index + 1]
    return arguments[-1] if len(arguments) % 2 else None


def _represent(frame: Frame, arguments: Arguments, keywords: Keywords) -> str:
    (value,) = arguments
    charge_rendering(frame.budget, value)
    result = repr(value)
    frame.budget.take_bytes(len(result))
    return result


def _truth(frame: Frame, arguments: Arguments, keywords: Keywords) -> bool:
    if keywords or len(arguments) > 1:
        raise TypeError("at most one positional argument")
    return bool(arguments and plain(arguments[0]))


def _hash(frame: Frame, arguments: Arguments, keywords: Keywords) -> int:
    (value,) = arguments
    if plain(value) is UNDEFINED:
        raise TypeError("an undefined value has no hash")
    charge_key(frame.budget, value)
    return hash(plain(value))


def _type(kind: type, call: Callable[[Frame, Arguments, Keywords], Any] | None = None) -> QueryType:
    name = kind.__name__
    return QueryType(name, kind, call if call is not None else native(name, kind).call)


TYPES: Final[dict[str, QueryType]] = {
    "bool": _type(bool, _truth),
    "complex": _type(complex),
    "float": _type(float),
    "frozenset": _type(frozenset, _container(frozenset)),
    "int": _type(int),
    "list": _type(list, _guarded_sequence(list)),
    "range": _type(range, _range),
    "set": _type(set, _container(set)),
    "slice": _type(slice),
    "str": _type(str, _text),
    "tuple": _type(tuple, _guarded_sequence(tuple)),
}

FUNCTIONS: Final[dict[str, QueryFunction]] = {
    "abs": native("abs", abs),
    "all": QueryFunction("all", _all),
    "any": QueryFunction("any", _any),
    "callable": QueryFunction("callable", _callable),
    "chr": native("chr", chr),
    "divmod": native("divmod", divmod),
    "hash": QueryFunction("hash", _hash),
    "hex": native("hex", hex),
    "isinstance": QueryFunction("isinstance", _is_instance),
    "issubclass": QueryFunction("issubclass", _is_subclass),
    "len": at_once("len", len),
    "max": QueryFunction("max", _extreme(max)),
    "min": QueryFunction("min", _extreme(min)),
    "oct": native("oct", oct),
    "ord": native("ord", ord),
    "pow": QueryFunction("pow", _pow),
    "reorder": QueryFunction("reorder", _reorder),
    "repr": QueryFunction("repr", _represent),
    "round": QueryFunction("round", _round),
    "same_type": QueryFunction("same_type", _same_type),
    "sorted": QueryFunction("sorted", _sorted),
    "sum": QueryFunction("sum", _sum),
    "test": QueryFunction("test", _test),
}
