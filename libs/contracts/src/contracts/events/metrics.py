"""Metric points: columns of many, or a short list."""

from typing import Annotated, Any

import msgspec

from contracts.events.base import RunEvent


class Series(msgspec.Struct, frozen=True, array_like=True):
    """`dtype` is the type name that the client tracked (`float`, `int`, `float32`, ...) or None."""

    name: str
    context: dict[str, Any]
    dtype: str | None = None


class MetricsTracked(RunEvent, frozen=True, kw_only=True):
    """`count` points of the series in the table; `points` is what `contracts.metric_points.pack_columns` made."""

    series: tuple[Series, ...]
    count: int
    points: bytes


STEP_LIMIT = 1 << 53
"""Integers that a float holds exactly: readers get steps as doubles."""

Step = Annotated[int, msgspec.Meta(ge=-STEP_LIMIT, le=STEP_LIMIT)]
_Entry = Annotated[int, msgspec.Meta(ge=0)]


class Point(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """series: index into the event's table. step: None for the highest step of the series plus one, or 0 for its first.

    value: unit as logged, NaN allowed. epoch: None where the client gave none. time: seconds UTC.
    """

    series: _Entry
    step: Step | None
    value: float
    epoch: float | None
    time: float


class PointsTracked(RunEvent, frozen=True, kw_only=True):
    """As `MetricsTracked`, for the few points of a small frame: columns would cost ten times what the points do."""

    series: tuple[Series, ...]
    points: Annotated[tuple[Point, ...], msgspec.Meta(min_length=1)]
