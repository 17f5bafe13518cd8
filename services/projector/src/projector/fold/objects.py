"""Objects of one event against what is known of each series: steps that clients left out, and summaries."""

import math
from collections.abc import Mapping, Sequence

from contracts.errors import InvalidEvent
from contracts.events import ObjectRow, ObjectSeries
from contracts.events.objects import ITEM_OF_KIND
from contracts.keys import context_key
from contracts.metric_points import NEXT_STEP
from contracts.read_models import ObjectSummary
from projector.fold.run_state import ObjectKey

_STEP_END = 1 << 63


def fold_objects(
    known: Mapping[ObjectKey, ObjectSummary], table: Sequence[ObjectSeries], rows: Sequence[ObjectRow]
) -> tuple[dict[ObjectKey, ObjectSummary], tuple[int, ...]]:
    """What is known of the touched series afterwards, and the step of each row.

    Raises InvalidEvent for no rows, for a row of no series of the table or with objects of another kind than its
    series, for a time that is none, and if a step beyond 64 bits would be needed.
    """
    if not rows:
        raise InvalidEvent("an event of objects holds none")
    keys = [object_key(series) for series in table]
    touched: dict[ObjectKey, ObjectSummary] = {}
    steps: list[int] = []
    for row in rows:
        if not 0 <= row.series < len(table):
            raise InvalidEvent("an object belongs to no series of the event's table")
        series, key = table[row.series], keys[row.series]
        _check(series, row)
        before = touched.get(key) or known.get(key)
        step = _step(row.step, before)
        steps.append(step)
        touched[key] = _with_row(before, series, step, len(row.items) if row.listed else 1)
    return touched, tuple(steps)


def object_key(series: ObjectSeries) -> ObjectKey:
    """Raises InvalidEvent for a context that has no canonical text (text and integer keys side by side)."""
    try:
        return series.kind, series.name, context_key(series.context)
    except (TypeError, ValueError) as error:
        raise InvalidEvent(f"series {series.name!r} has a context without identity: {error}") from error


def _check(series: ObjectSeries, row: ObjectRow) -> None:
    kind = ITEM_OF_KIND[series.kind]
    if any(type(item) is not kind for item in row.items) or (not row.listed and len(row.items) != 1):
        raise InvalidEvent(f"series {series.name!r} holds {series.kind}, one or a list at each step")
    if not math.isfinite(row.time):
        raise InvalidEvent(f"series {series.name!r} has an object without a time")


def _step(given: int, before: ObjectSummary | None) -> int:
    step = given
    if given == NEXT_STEP:
        step = 0 if before is None else before.last_step + 1
    if not -_STEP_END < step < _STEP_END:
        raise InvalidEvent(f"{step} is no step")
    return step


def _with_row(before: ObjectSummary | None, series: ObjectSeries, step: int, length: int) -> ObjectSummary:
    if before is None:
        return ObjectSummary(series.kind, series.name, series.context, series.dtype, step, step, length, 1)
    return ObjectSummary(
        before.kind,
        before.name,
        before.context,
        before.dtype if series.dtype is None else series.dtype,
        min(before.first_step, step),
        max(before.last_step, step),
        max(before.longest, length),
        before.records + 1,
    )
