"""What the fold decided about one event. An event that can never be applied raises InvalidEvent instead."""

from typing import Literal

import msgspec

from contracts.events import Event
from contracts.metric_points import MetricColumns
from projector.fold.few_points import ListedPoints

IgnoredCode = Literal["bad_request", "not_found", "conflict"]


class Applied(msgspec.Struct, frozen=True, eq=False):
    """The event took its place, even if it found nothing to change (a caller who waits for it hears success).

    columns: of MetricsTracked alone. Every point in the order logged, steps resolved, `series` the index of the first
    entry of that name and context in the event's table. Steps may repeat: the last of equal ones is to be stored.
    points: the same of PointsTracked.
    steps: of ObjectsTracked, LogLinesAppended and LogRecordsAppended alone. The step or number of each row, resolved;
    they may repeat as well.
    """

    event: Event
    columns: MetricColumns | None = None
    points: ListedPoints | None = None
    steps: tuple[int, ...] = ()


class Ignored(msgspec.Struct, frozen=True):
    """The event changes nothing. `code` is what a waiting caller answers with.

    entity_id: of a creation that lost to an earlier one, the id that counts.
    """

    reason: str
    code: IgnoredCode
    entity_id: str | None = None


Outcome = Applied | Ignored

DUPLICATE = "duplicate"
"""Reason of a repeat: the client named it as one, or what it asks for was done by another event; nothing is lost by
ignoring it."""

NO_RUN = Ignored("run not found", "not_found")
REPEATED = Ignored(DUPLICATE, "conflict")
