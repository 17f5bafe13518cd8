"""What a request changes, in words that the same change read back from the product gives again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Fate = Literal["acknowledged", "refused", "unknown"]

CATALOG = ""
"""In the place of a run's id, for what belongs to no run."""

ABSENT = ""
"""Value of a property that is not there."""

_LONGEST_PART = 80
_SWITCH = " on"


@dataclass(frozen=True)
class Change:
    """Of one request. messages: how many an acknowledgement of it acknowledges.

    items: labels of what is to be there once, however often it is asked for. sets: properties, of which the last value
    counts; nobody else sets the same one of the same run.
    """

    run_id: str
    items: frozenset[str] = frozenset()
    sets: Mapping[str, str] = field(default_factory=dict)
    messages: int = 1


@dataclass(frozen=True)
class Told:
    """refused: the server said that it did not take it. unknown: nobody answered."""

    change: Change
    fate: Fate


def label(kind: str, *parts: object) -> str:
    """A long part is told by its hash."""
    return " ".join([kind, *(_part(str(part)) for part in parts)])


def switched_tag(client: str) -> str:
    """A tag that comes and goes, and so is a property: its own name where it is there."""
    return f"{client}{_SWITCH}"


def is_switched(tag: str) -> bool:
    return tag.endswith(_SWITCH)


def file_label(path: str, content: bytes) -> str:
    return label("file", path, hashlib.sha256(content).hexdigest())


def _part(text: str) -> str:
    return text if len(text) <= _LONGEST_PART else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
