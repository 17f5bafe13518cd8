"""The points of an event, however it carries them."""

from contracts.events import MetricsTracked, PointsTracked
from contracts.metric_points import MetricColumns, listed_columns, unpack_columns


def columns_of(event: MetricsTracked | PointsTracked) -> MetricColumns:
    if isinstance(event, PointsTracked):
        return listed_columns(event.points)
    return unpack_columns(event.points, event.count)
