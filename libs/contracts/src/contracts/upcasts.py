"""Steps from an old version of an event to the next one, run when it is read.

A step takes the event's fields as plain objects and returns those of the next version. Old examples stay for ever, so
every step keeps being run by the tests.
"""

from collections.abc import Callable
from typing import Any

from contracts.errors import InvalidEvent
from contracts.events import EVENTS, Event

Fields = dict[str, Any]
Step = Callable[[Fields], Fields]

STEPS: dict[tuple[str, int], Step] = {}
"""(event name, version) to the step that makes version + 1 of it. Empty: every event is in its first version."""

_CLASSES: dict[str, type[Event]] = {event.__name__: event for event in EVENTS}


def event_class(name: str) -> type[Event]:
    """Raises InvalidEvent for a name that this build does not know."""
    try:
        return _CLASSES[name]
    except KeyError:
        raise InvalidEvent(f"unknown event {name!r}") from None


def upcast(name: str, version: int, fields: Fields, steps: dict[tuple[str, int], Step] = STEPS) -> Fields:
    """The fields in the current version of the event. Raises InvalidEvent for a version from the future."""
    current = event_class(name).schema_version
    if not 1 <= version <= current:
        raise InvalidEvent(f"{name} version {version} is not between 1 and {current}")
    for step in range(version, current):
        fields = steps[name, step](fields)
    return fields
