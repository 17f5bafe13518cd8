"""Short ways to write logs of one run and of the catalog."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from contracts import examples, topics
from contracts.envelope import Dedupe, Header, Recorded
from contracts.events import Event, MetricsTracked, Point, PointsTracked, Series
from contracts.metric_points import NEXT_STEP, MetricColumns, pack_columns, unpack_columns
from contracts.position import Position
from projector.fold.catalog import fold_catalog
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Applied, Ignored, Outcome
from projector.fold.run_state import RunState
from projector.fold.runs import fold_run

RUN = "run-1"
T0 = 1_767_225_600.0


def at(offset: int, topic: str = topics.RUNS) -> Position:
    return Position(1, topic, 0, offset)


def recorded(event: Event, second: float = 0.0, dedupe: Dedupe | None = None, **header: Any) -> Recorded:
    return Recorded(
        header=Header(id=f"id-{second}", key=RUN, recorded_at=T0 + second, dedupe=dedupe, **header), event=event
    )


def fold_all(
    events: Iterable[Event | Recorded], state: RunState | None = None, start: int = 0
) -> tuple[RunState | None, list[Outcome]]:
    """The event at index i has offset `start + i` and was recorded as many seconds after T0."""
    outcomes = []
    for offset, event in enumerate(events, start):
        record = event if isinstance(event, Recorded) else recorded(event, offset)
        state, outcome = fold_run(state, record, at(offset))
        outcomes.append(outcome)
    return state, outcomes


def run_of(*events: Event | Recorded) -> RunState:
    state, _ = fold_all(events)
    assert state is not None
    return state


def last_outcome(*events: Event | Recorded) -> Outcome:
    return fold_all(events)[1][-1]


def reasons(outcomes: Sequence[Outcome]) -> list[str | None]:
    """None for what was applied."""
    return [outcome.reason if isinstance(outcome, Ignored) else None for outcome in outcomes]


def fold_catalog_all(events: Iterable[Event], state: CatalogState | None = None) -> tuple[CatalogState, list[Outcome]]:
    state, outcomes = state or CatalogState(), []
    for offset, event in enumerate(events):
        state, outcome = fold_catalog(state, recorded(event, offset), at(offset, topics.CATALOG))
        outcomes.append(outcome)
    return state, outcomes


_NEEDED = {
    **dict.fromkeys(
        (
            "ExperimentChanged",
            "ExperimentRenamed",
            "ExperimentDescribed",
            "ExperimentArchived",
            "ExperimentUnarchived",
            "ExperimentDeleted",
            "ExperimentNoteAdded",
        ),
        ("ExperimentCreated",),
    ),
    **dict.fromkeys(("ExperimentNoteEdited", "ExperimentNoteDeleted"), ("ExperimentCreated", "ExperimentNoteAdded")),
    **dict.fromkeys(("TagChanged", "TagDeleted"), ("TagCreated",)),
    **dict.fromkeys(("AppDeleted", "DashboardSaved"), ("AppSaved",)),
    "DashboardArchived": ("AppSaved", "DashboardSaved"),
    "ReportDeleted": ("ReportSaved",),
}


def catalog_before(event: str) -> CatalogState:
    """What the example of this event needs to be applied, made by other examples."""
    return fold_catalog_all(examples.load(name, 1).event for name in _NEEDED.get(event, ()))[0]


def tracked(
    points: Sequence[tuple[int | None, float]],
    *,
    name: str = "loss",
    context: dict[str, Any] | None = None,
    dtype: str | None = "float",
) -> MetricsTracked:
    """(step or None, value) of one series."""
    return table_tracked([Series(name, context or {}, dtype)], [(0, step, value) for step, value in points])


def table_tracked(table: Sequence[Series], points: Sequence[tuple[int, int | None, float]]) -> MetricsTracked:
    """(index into the table, step or None, value); times are T0 and one second more with each point."""
    columns = MetricColumns(
        np.array([series for series, _, _ in points], np.int64),
        np.array([NEXT_STEP if step is None else step for _, step, _ in points], np.int64),
        np.array([value for _, _, value in points], np.float64),
        np.full(len(points), np.nan),
        T0 + np.arange(len(points), dtype=np.float64),
    )
    return MetricsTracked(series=tuple(table), count=len(points), points=pack_columns(columns))


def listed_of(event: MetricsTracked) -> PointsTracked:
    """The same points, listed."""
    columns = unpack_columns(event.points, event.count)
    rows = zip(
        columns.series.tolist(), columns.steps.tolist(), columns.values.tolist(), columns.times.tolist(), strict=True
    )
    points = tuple(
        Point(series, None if step == NEXT_STEP else step, value, None, time) for series, step, value, time in rows
    )
    return PointsTracked(series=event.series, points=points)


def columns_of(outcome: Outcome) -> MetricColumns:
    assert isinstance(outcome, Applied)
    assert outcome.columns is not None
    return outcome.columns
