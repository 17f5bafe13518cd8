"""Answers about experiments, tags, pinned sequences: rows 41 to 48, 54 to 60, 64."""

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


class ExperimentRun(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds UTC; end_time is null while the run is active."""

    run_id: str
    name: str
    creation_time: float
    end_time: float | None
    archived: bool


class ExperimentRuns(msgspec.Struct, frozen=True):
    """id: of the experiment. runs: newest first."""

    id: str
    runs: list[ExperimentRun]


class ExperimentActivity(msgspec.Struct, frozen=True, kw_only=True):
    """activity_map: number of runs by the hour in which they began, `YYYY-MM-DDTHH:00:00` of the caller's zone."""

    num_runs: int
    num_archived_runs: int
    num_active_runs: int
    activity_map: dict[str, int]


class TagItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    color: str | None
    description: str | None
    run_count: int
    archived: bool


class TaggedRun(msgspec.Struct, frozen=True, kw_only=True):
    """experiment: its name, null for a run without one. Times are seconds UTC; end_time is null while it is active."""

    run_id: str
    name: str
    experiment: str | None
    creation_time: float
    end_time: float | None


class TaggedRuns(msgspec.Struct, frozen=True):
    """id: of the tag. runs: newest first."""

    id: str
    runs: list[TaggedRun]


class PinnedItem(msgspec.Struct, frozen=True):
    name: str
    context: dict[str, Any]


class PinnedSequencesAnswer(msgspec.Struct, frozen=True):
    sequences: list[PinnedItem]
