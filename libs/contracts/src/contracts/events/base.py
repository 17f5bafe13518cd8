"""The base of all events: something that happened, in the past tense, never changed afterwards."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """One thing that happened. The class name is the event's name in the log.

    `schema_version` rises with a breaking change; the upcast from the version before stands in `contracts.upcasts`.
    """

    schema_version: ClassVar[int] = 1


class RunEvent(Event, frozen=True, kw_only=True):
    """An event of one run; the run's id is the key of its envelope."""


class CatalogEvent(Event, frozen=True, kw_only=True):
    """An event of what all runs share; all of them are in one total order."""
