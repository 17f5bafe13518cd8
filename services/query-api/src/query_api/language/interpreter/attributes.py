"""What `value.name` and `value[key]` mean for each kind of value."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from query_api.language.costs import charge_key
from query_api.language.errors import EvaluationError
from query_api.language.interpreter.callables import Arguments, Keywords, Namespace, QueryFunction, QueryType
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.methods import (
    GUARDED_TEXT_METHODS,
    METHODS,
    TEXT_FORMATTERS,
    TEXT_METHODS,
    absent,
    guarded_method,
    method,
    plain_attribute,
)
from query_api.language.objects import RUN_PROPERTIES, MetricsObject, RunInfo, RunObject, SequenceObject
from query_api.language.values import NULL, UNDEFINED, ContextParameter, MetricParameter, Null, Parameter, plain

_SIMPLE_KEYS: Final = (int, str)
_COPIED_PER_STEP: Final = 256
"""Characters or items of a slice."""
_REFERENCE_BYTES: Final = 8

Reader = Callable[[Any, str], Any]


def _run_attribute(run: RunObject, name: str) -> Any:
    reader = RUN_PROPERTIES.get(name)
    if reader is not None:
        return reader(run)
    if name == "get":
        return QueryFunction("get", lambda frame, arguments, keywords: run.parameter(plain(arguments[0])))
    return run.parameter(name)


def _parameter_attribute(parameter: Parameter, name: str) -> Any:
    """A key of a stored value; texts have their methods, dicts the three readers that hide keys of the same name."""
    value = parameter.value
    if name == "get" and not isinstance(parameter, (ContextParameter, MetricParameter)):
        return _default_getter(value)
    if isinstance(value, dict) and name in ("items", "keys") and not isinstance(parameter, ContextParameter):
        return method(value, name)
    if isinstance(value, str):
        return _text_attribute(parameter, value, name)
    return parameter.child(name)


def _text_attribute(parameter: Parameter, value: str, name: str) -> Any:
    if name in TEXT_METHODS:
        return method(value, name)
    if name in GUARDED_TEXT_METHODS:
        return guarded_method(value, name)
    return parameter.child(name)


def _default_getter(value: Any) -> QueryFunction:
    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        key, default = _key_and_default(*map(plain, arguments), **keywords)
        charge_key(frame.budget, key)
        found = value.get(key, UNDEFINED) if isinstance(value, dict) else UNDEFINED
        return default if found is UNDEFINED else found

    return QueryFunction("get", call)


def _key_and_default(key: Any, default: Any = None) -> tuple[Any, Any]:
    return key, default


def _type_attribute(owner: QueryType, name: str) -> Any:
    if name in owner.members:
        return owner.members[name]
    kind = owner.python_type
    if name in METHODS.get(kind, ()) or (kind is str and name in GUARDED_TEXT_METHODS | dict.fromkeys(TEXT_FORMATTERS)):
        return _unbound_method(kind, name)
    return absent(owner.name, name, hasattr(kind, name))


def _unbound_method(kind: type, name: str) -> QueryFunction:
    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        value = plain(arguments[0])
        if not isinstance(value, kind):
            raise TypeError(f"'{name}' needs a {kind.__name__}")
        method: QueryFunction = plain_attribute(value, name)
        return method.call(frame, arguments[1:], keywords)

    return QueryFunction(name, call)


def _namespace_attribute(namespace: Namespace, name: str) -> Any:
    if name in namespace.members:
        return namespace.members[name]
    return absent(namespace.name, name, name in namespace.known)


def _nothing(value: Any, name: str) -> None:
    return None


def _metrics_attribute(metrics: MetricsObject, name: str) -> Any:
    raise EvaluationError("metrics are read as run.metrics['name']")


_READERS: Final[dict[type, Reader]] = {
    RunObject: _run_attribute,
    SequenceObject: lambda sequence, name: sequence.attribute(name),
    MetricsObject: _metrics_attribute,
    Parameter: _parameter_attribute,
    ContextParameter: _parameter_attribute,
    MetricParameter: _parameter_attribute,
    QueryType: _type_attribute,
    Namespace: _namespace_attribute,
    QueryFunction: _nothing,
    RunInfo: _nothing,
    Null: lambda value, name: NULL,
}


def read_attribute(value: Any, name: str) -> Any:
    reader = _READERS.get(type(value))
    return reader(value, name) if reader is not None else plain_attribute(value, name)


def read_item(frame: Frame, value: Any, key: Any) -> Any:
    """`value[key]`; TypeError for a value without items."""
    if type(key) not in _SIMPLE_KEYS:
        _charge_item(frame, plain(value), key)
    if isinstance(value, Parameter):
        return value.child(key) if not isinstance(key, tuple) else _walk(value, key)
    if isinstance(value, RunObject):
        return value.parameter(_plain_path(key))
    if isinstance(value, MetricsObject):
        return value.entry(_plain_path(key))
    if value is NULL:
        return NULL
    if isinstance(value, (dict, list, tuple, str, range)):
        return value[plain(key)]
    raise TypeError(f"{type(value).__name__} has no items")


def _charge_item(frame: Frame, value: Any, key: Any) -> None:
    if isinstance(key, slice) and isinstance(value, (str, bytes, list, tuple)):
        size = len(range(*key.indices(len(value))))
        frame.budget.take_steps(size // _COPIED_PER_STEP)
        frame.budget.take_bytes(size if isinstance(value, (str, bytes)) else size * _REFERENCE_BYTES)
    else:
        charge_key(frame.budget, key)


def _walk(value: Parameter, path: Iterable[Any]) -> Parameter:
    for key in path:
        value = value.child(key)
    return value


def _plain_path(key: Any) -> Any:
    return tuple(map(plain, key)) if isinstance(key, tuple) else plain(key)
