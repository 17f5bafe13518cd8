"""Answers about experiments, tags, pinned sequences: rows 41, 44, 54, 57, 64."""

from typing import Any

import msgspec


class ExperimentItem(msgspec.Struct, frozen=True, kw_only=True):
    """run_count: runs that are there, archived ones included. creation_time: seconds UTC."""

    id: str
    name: str
    description: str | None
    run_count: int
    archived: bool
    creation_time: float


class TagItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    color: str | None
    description: str | None
    run_count: int
    archived: bool


class PinnedItem(msgspec.Struct, frozen=True):
    name: str
    context: dict[str, Any]


class PinnedSequencesAnswer(msgspec.Struct, frozen=True):
    sequences: list[PinnedItem]
