"""Metric points, always as a batch of columns."""

from typing import Any

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
