"""What a query can call. Nothing else is callable, whatever Python would say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from query_api.language.costs import charge_numbers
from query_api.language.interpreter.frames import Frame
from query_api.language.values import NULL, plain

Arguments = tuple[Any, ...]
Keywords = dict[str, Any]
Implementation = Callable[[Frame, Arguments, Keywords], Any]


@dataclass(frozen=True, slots=True, eq=False)
class QueryFunction:
    """A function, a bound method or a lambda."""

    name: str
    call: Implementation

    def __repr__(self) -> str:
        return f"<function {self.name}>"


@dataclass(frozen=True, slots=True, eq=False)
class QueryType:
    """A type: a constructor, a second argument of `isinstance`, and a holder of methods."""

    name: str
    python_type: type
    call: Implementation
    members: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<class '{self.name}'>"


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """A module. `known` are all names of the real one, to tell a missing name from an unsupported one."""

    name: str
    members: Mapping[str, Any]
    known: frozenset[str]

    def __repr__(self) -> str:
        return f"<module '{self.name}'>"


def invoke(frame: Frame, function: Any, arguments: Arguments, keywords: Keywords | None = None) -> Any:
    """Call a value of the query; TypeError if it cannot be called."""
    function = plain(function)
    if isinstance(function, (QueryFunction, QueryType)):
        return function.call(frame, arguments, keywords or {})
    if function is NULL:
        return NULL
    raise TypeError(f"{type(function).__name__} cannot be called")


def native(name: str, function: Callable[..., Any]) -> QueryFunction:
    """A function of the standard library over unwrapped numbers and texts; of other values it asks the kind at most."""

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        values = [plain(argument) for argument in arguments]
        options = {key: plain(value) for key, value in keywords.items()}
        charge_numbers(frame.budget, *values, *options.values())
        return frame.budget.keep(function(*values, **options))

    return QueryFunction(name, call)


def at_once(name: str, function: Callable[[Any], Any]) -> QueryFunction:
    """A function of one unwrapped value that takes no longer for a large one."""

    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        if keywords:
            raise TypeError(f"{name} takes no keyword arguments")
        (value,) = arguments
        return function(plain(value))

    return QueryFunction(name, call)
