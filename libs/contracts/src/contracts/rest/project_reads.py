"""Answers about the one project: rows 61, 62, 63, 82."""

from typing import Any, TypedDict

import msgspec

Contexts = dict[str, list[dict[str, Any]]]
"""By the name of a sequence, every context that it has in any run."""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """telemetry_enabled: an integer, and 0, since 1 makes pages load a third party's script."""

    name: str
    path: str
    description: str
    telemetry_enabled: int
    warn_index: bool
    warn_runs: bool


class ProjectActivity(msgspec.Struct, frozen=True, kw_only=True):
    """activity_map: number of runs by the hour in which they began, `YYYY-MM-DDTHH:00:00` of the caller's zone."""

    num_experiments: int
    num_runs: int
    num_archived_runs: int
    num_active_runs: int
    activity_map: dict[str, int]


class ProjectParams(TypedDict, total=False):
    """Row 63: what was asked for. params: their tree; each leaf holds the type of one value of all."""

    params: dict[str, Any]
    metric: Contexts
    images: Contexts
    texts: Contexts
    distributions: Contexts
    audios: Contexts
    figures: Contexts


class Version(msgspec.Struct, frozen=True):
    version: str
    component: str
