"""A second evaluation of queries: Python's own, over stand-ins that follow sections 3 to 5 of the language's contract.

It shares nothing with the interpreter under test. For expressions that a test made itself, never for what others wrote.
"""

import datetime
import math
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from tests.unit.query_api.language.recorded import NOW, RecordedRun, RecordedSequence

Outcome = Literal["true", "false", "error", "no expression"]

_TEXT_METHODS = ("lower", "upper", "strip", "startswith", "endswith", "find", "count", "split", "replace", "isdigit")


class _Null:
    """What a missing parameter of the top level holds, and an experiment that is not there. Called, it stays itself."""

    __hash__ = None  # type: ignore[assignment]  # no key of a set

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(_bare(other), _Null)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getattr__(self, name: str) -> "_Null":
        return self

    def __getitem__(self, key: Any) -> "_Null":
        return self

    def __call__(self, *arguments: Any) -> "_Null":
        return self


class _Undefined:
    """What a missing nested key holds: unequal to everything, itself included."""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


_NULL, _UNDEFINED = _Null(), _Undefined()


def _bare(value: Any) -> Any:
    return object.__getattribute__(value, "held") if isinstance(value, Wrapped) else value


def _forwarded(operate: Callable[[Any, Any], Any], *, reflected: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: "Wrapped", other: Any) -> Any:
        pair = (_bare(other), _bare(self)) if reflected else (_bare(self), _bare(other))
        return operate(*pair)

    return method


def _ordered(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    def method(self: "Wrapped", other: Any) -> bool:
        try:
            return bool(operate(_bare(self), _bare(other)))
        except TypeError:
            return False

    return method


class Wrapped:
    """A parameter's value. Ordering between unlike types is False; a name behind a dot is a key, or a text's method."""

    def __init__(self, held: Any, *, strict: bool = False) -> None:
        self.held = held
        self.strict = strict

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        held = object.__getattribute__(self, "held")
        if isinstance(held, str) and name in _TEXT_METHODS:
            return getattr(held, name)
        return self[name]

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            found = self
            for one in key:
                found = found[one]
            return found
        held, strict = _bare(self), object.__getattribute__(self, "strict")
        found = _child(held, _bare(key))
        if strict and found is _UNDEFINED:
            raise LookupError(key)
        return Wrapped(found, strict=strict)

    def __call__(self, *arguments: Any) -> Any:
        return _bare(self)(*arguments)

    def __eq__(self, other: object) -> bool:
        return bool(_bare(self) == _bare(other))

    def __ne__(self, other: object) -> bool:
        return bool(_bare(self) != _bare(other))

    __lt__ = _ordered(operator.lt)
    __le__ = _ordered(operator.le)
    __gt__ = _ordered(operator.gt)
    __ge__ = _ordered(operator.ge)
    __add__, __radd__ = _forwarded(operator.add), _forwarded(operator.add, reflected=True)
    __sub__, __rsub__ = _forwarded(operator.sub), _forwarded(operator.sub, reflected=True)
    __mul__, __rmul__ = _forwarded(operator.mul), _forwarded(operator.mul, reflected=True)
    __truediv__, __rtruediv__ = _forwarded(operator.truediv), _forwarded(operator.truediv, reflected=True)
    __floordiv__, __rfloordiv__ = _forwarded(operator.floordiv), _forwarded(operator.floordiv, reflected=True)
    __mod__, __rmod__ = _forwarded(operator.mod), _forwarded(operator.mod, reflected=True)

    def __neg__(self) -> Any:
        return -_bare(self)

    def __abs__(self) -> Any:
        return abs(_bare(self))

    def __hash__(self) -> int:
        return hash(_bare(self))

    def __bool__(self) -> bool:
        return bool(_bare(self))

    def __len__(self) -> int:
        return len(_bare(self))

    def __iter__(self) -> Iterator[Any]:
        return iter(_bare(self))

    def __contains__(self, item: object) -> bool:
        return item in _bare(self)

    def __int__(self) -> int:
        return int(_bare(self))

    def __float__(self) -> float:
        return float(_bare(self))

    def __index__(self) -> int:
        return operator.index(_bare(self))

    def __str__(self) -> str:
        return str(_bare(self))

    def __format__(self, spec: str) -> str:
        return str(self)


def _child(held: Any, key: Any) -> Any:
    if not isinstance(key, (str, int, slice)):
        raise TypeError(key)
    if isinstance(held, dict):
        if isinstance(key, slice):
            raise TypeError(key)
        return held.get(key, _UNDEFINED)
    if isinstance(held, (list, str)) and not isinstance(key, str):
        try:
            return held[key]
        except IndexError:
            return _UNDEFINED
    if isinstance(key, slice):
        raise TypeError(key)
    return _UNDEFINED


class Run:
    """`run`: properties, and every other name is a parameter. No loop over it, nothing is in it."""

    __iter__ = None
    __contains__ = None

    def __init__(self, run: RecordedRun, offset_minutes: int) -> None:
        self._run = run
        offset = datetime.timedelta(minutes=offset_minutes)
        start = datetime.datetime(1970, 1, 1)  # noqa: DTZ001  # times of a query have no zone
        end = run.end_time
        self._properties: dict[str, Any] = {
            "hash": run.hash,
            "name": run.name,
            "description": run.description,
            "experiment": _NULL if run.experiment is None else run.experiment,
            "tags": list(run.tags),
            "archived": run.archived,
            "active": run.active,
            "created_at": start + datetime.timedelta(seconds=run.creation_time) - offset,
            "finalized_at": None if end is None else start + datetime.timedelta(seconds=end) - offset,
            "creation_time": run.creation_time,
            "end_time": end,
            "duration": (NOW if end is None else end) - run.creation_time,
            "metrics": _Metrics(run),
        }

    def __getattr__(self, name: str) -> Any:
        return self._properties[name] if name in self._properties else self[name]

    def __getitem__(self, key: Any) -> Wrapped:
        found: Any = self._run.stored_params
        for one in key if isinstance(key, tuple) else (key,):
            found = _child(found, _bare(one))
        return Wrapped(_NULL if found is _UNDEFINED else found)


class _Metrics:
    __iter__ = None
    __contains__ = None

    def __init__(self, run: RecordedRun) -> None:
        self._run = run

    def __getitem__(self, key: Any) -> Any:
        name, context = key if isinstance(key, tuple) else (key, {})
        for sequence in self._run.of_kind("metric"):
            if sequence.name == name and sequence.context == context:
                return _Entry(sequence)
        return _Entry(None)


class _Entry(Wrapped):
    """Falsy and equal to None whether or not there is such a metric."""

    def __init__(self, sequence: RecordedSequence | None) -> None:
        super().__init__(_NULL)
        self.sequence = sequence

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        sequence = object.__getattribute__(self, "sequence")
        return Wrapped(_UNDEFINED if sequence is None else getattr(sequence, name))


class Sequence:
    def __init__(self, run: Run, sequence: RecordedSequence) -> None:
        self.run = run
        self.name = sequence.name
        self.context = Wrapped(dict(sequence.context), strict=True)
        self.last = Wrapped(sequence.last)
        self.last_step = Wrapped(sequence.last_step)
        self.first_step = Wrapped(sequence.first_step)
        self.dtype = Wrapped(sequence.dtype)


def _isinstance(value: Any, kinds: Any) -> bool:
    return isinstance(_bare(value), kinds)


def _list(*items: Any) -> list[Any]:
    if items and isinstance(_bare(items[0]), str):
        raise TypeError("a list of a text")
    return list(*items)


def _names(run: Run, sequence: tuple[str, Sequence] | None) -> dict[str, Any]:
    functions = (abs, bool, float, int, len, str, sorted, min, max, sum, any, all, set)
    return {
        "__builtins__": {},
        **{function.__name__: function for function in functions},
        "isinstance": _isinstance,
        "list": _list,
        "datetime": datetime.datetime,
        "timedelta": datetime.timedelta,
        "math": math,
        "run": run,
        **(dict([sequence]) if sequence is not None else {}),
    }


def outcome_of(
    text: str, run: RecordedRun, offset_minutes: int = 0, sequence: RecordedSequence | None = None
) -> Outcome:
    """What becomes of one expression for one run, or for one sequence of it; the default for archived runs aside."""
    stand_in = Run(run, offset_minutes)
    names: Mapping[str, Any] = _names(stand_in, (sequence.kind, Sequence(stand_in, sequence)) if sequence else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = compile(f"({text})", "<generated>", "eval")
        except SyntaxError:
            return "no expression"
        try:
            # The test made the text from harmless parts, and nothing but stand-ins is in reach.
            return "true" if eval(code, dict(names)) else "false"  # noqa: S307
        except Exception:  # noqa: BLE001  # any failure is the third outcome
            return "error"
