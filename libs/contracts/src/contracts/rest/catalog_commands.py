"""Bodies of rows 43, 45, 46, 56, 58 and 65: what commands on the catalog take and answer.

Unknown fields are ignored.
"""

from typing import Any

import msgspec

from contracts.rest.bounds import Name, Text


class NewExperiment(msgspec.Struct, frozen=True):
    name: Name


class ExperimentChange(msgspec.Struct, frozen=True):
    """Null leaves a property as it is; so does an empty name."""

    name: Name | None = None
    description: Text | None = None
    archived: bool | None = None


class NewTag(msgspec.Struct, frozen=True):
    """color: free text, normally `#RRGGBB`."""

    name: Name
    color: Name | None = None
    description: Text | None = None


class TagChange(msgspec.Struct, frozen=True):
    """Null leaves a property as it is; so does an empty name, while other empty texts clear theirs."""

    name: Name | None = None
    color: Name | None = None
    description: Text | None = None
    archived: bool | None = None


class PinnedEntry(msgspec.Struct, frozen=True):
    name: Name
    context: dict[str, Any] = {}


class PinnedList(msgspec.Struct, frozen=True):
    """The whole list, for all users."""

    sequences: list[PinnedEntry]
