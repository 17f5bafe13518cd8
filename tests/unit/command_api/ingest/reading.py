"""The points of events, one by one, for comparison."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.tracked_points import columns_of

from command_api.application.ingest.decode import Item
from command_api.application.ingest.translate import Translated, translate
from contracts.events import MetricsTracked, PointsTracked
from contracts.metric_points import NEXT_STEP
from contracts.trees import canonical_json

NOW = 1_767_225_600.0


class Point(NamedTuple):
    """context: canonical text. step: None for the next one. Floats as text, so that NaN equals NaN."""

    name: str
    context: str
    dtype: str | None
    step: int | None
    value: str
    epoch: str
    time: float


def translated(*messages: Any) -> Translated:
    return translate([Item(index, message) for index, message in enumerate(messages)], NOW)


def points_of(result: Translated) -> list[Point]:
    events = [step.what for step in result.steps]
    return [point for event in events if isinstance(event, MetricsTracked | PointsTracked) for point in _points(event)]


def _points(event: MetricsTracked | PointsTracked) -> Iterable[Point]:
    columns = columns_of(event)
    for series, step, value, epoch, time in zip(
        columns.series.tolist(),
        columns.steps.tolist(),
        columns.values.tolist(),
        columns.epochs.tolist(),
        columns.times.tolist(),
        strict=True,
    ):
        of = event.series[series]
        wanted = None if step == NEXT_STEP else step
        yield Point(of.name, canonical_json(of.context), of.dtype, wanted, repr(value), repr(epoch), time)
