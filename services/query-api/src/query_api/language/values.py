"""Values as a query sees them: the kinds of missing values and the wrappers of stored ones. No reference to a store."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final


class Null:
    """A missing top-level parameter, or the experiment of a run that has none: equals None but is not None."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # the reference's null object cannot be a key either

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(plain(other), Null)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __repr__(self) -> str:
        return "None"


class Undefined:
    """A missing nested key: falsy and unequal to everything, itself included."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return "<undefined>"


NULL: Final = Null()
UNDEFINED: Final = Undefined()


def plain(value: Any) -> Any:
    """The stored value behind a wrapper; any other value as it is."""
    return value.value if isinstance(value, Parameter) else value


class Parameter:
    """A stored value that forwards operators. Ordering between unlike types is False, not an error.

    Arithmetic is not here: the interpreter unwraps operands before it checks their sizes.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def child(self, key: Any) -> "Parameter":
        """The wrapper of a nested key or index; of UNDEFINED where there is none."""
        return Parameter(child_value(self.value, key))

    def __eq__(self, other: object) -> bool:
        return bool(self.value == plain(other))

    def __ne__(self, other: object) -> bool:
        return bool(self.value != plain(other))

    def __lt__(self, other: object) -> bool:
        return _ordered(operator.lt, self.value, other)

    def __le__(self, other: object) -> bool:
        return _ordered(operator.le, self.value, other)

    def __gt__(self, other: object) -> bool:
        return _ordered(operator.gt, self.value, other)

    def __ge__(self, other: object) -> bool:
        return _ordered(operator.ge, self.value, other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)

    def __contains__(self, item: object) -> bool:
        return item in self.value

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __index__(self) -> int:
        return operator.index(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return "<parameter>"


class ContextParameter(Parameter):
    """A value inside the context of a sequence: a missing key is an error, not an undefined value."""

    __slots__ = ()

    def child(self, key: Any) -> "ContextParameter":
        value = child_value(self.value, key)
        if value is UNDEFINED:
            raise LookupError(key)
        return ContextParameter(value)


class MetricParameter(Parameter):
    """One entry of `run.metrics[...]`: falsy and equal to None whether or not the metric exists; its fields tell."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(NULL)
        self._fields = fields

    def child(self, key: Any) -> Parameter:
        return Parameter(self._fields.get(key, UNDEFINED) if isinstance(key, str) else UNDEFINED)


def child_value(value: Any, key: Any) -> Any:
    """What a stored value holds under a key, an index (negative ones too) or a slice; UNDEFINED where it holds nothing.

    Raises TypeError for a key that can be none of these.
    """
    key = plain(key)
    if isinstance(value, dict):
        _check_key(key)
        return value.get(key, UNDEFINED)
    if isinstance(value, (list, tuple, str)):
        if isinstance(key, slice):
            return value[key]
        if isinstance(key, int):
            return value[key] if -len(value) <= key < len(value) else UNDEFINED
    _check_key(key)
    return UNDEFINED


def descend(value: Any, path: tuple[Any, ...]) -> Any:
    """Follow several keys; UNDEFINED as soon as one is missing."""
    for key in path:
        value = child_value(value, key)
        if value is UNDEFINED:
            break
    return value


def deep_plain(value: Any) -> Any:
    """A copy of a literal without wrappers, as far as containers go."""
    value = plain(value)
    if isinstance(value, dict):
        return {plain(key): deep_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [deep_plain(item) for item in value]
    return value


def same_context(left: Any, right: Any) -> bool:
    """Whether two contexts are the same: order of keys is irrelevant, 1 equals 1.0, a list equals a tuple."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same_context(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same_context, left, right))
    return bool(left == right)


def _check_key(key: Any) -> None:
    if not isinstance(key, (str, int)):
        raise TypeError(f"{type(key).__name__} is no key of a parameter")


def _ordered(compare: Callable[[Any, Any], Any], left: Any, right: object) -> bool:
    try:
        return bool(compare(left, plain(right)))
    except TypeError:
        return False
