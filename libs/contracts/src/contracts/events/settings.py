"""Settings of the project that every user shares."""

from typing import Any

import msgspec

from contracts.events.base import CatalogEvent


class PinnedSequence(msgspec.Struct, frozen=True):
    name: str
    context: dict[str, Any] = {}


class SequencesPinned(CatalogEvent, frozen=True, kw_only=True):
    """Replaces the whole list."""

    sequences: tuple[PinnedSequence, ...]
