"""Objects of many series, as they are shown, in few reads of the columns."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from contracts.events.objects import Item
from contracts.keys import context_key, data_key
from contracts.metric_points import Floats, Integers
from contracts.read_models import ObjectSummary, RunDocument
from contracts.read_models.objects import unpack_items
from contracts.trees import StoredValue, stored_values
from query_api.queries.object_ranges import Range, Ranges, Selection, shown_indices, thin_steps
from query_api.queries.object_values import Records, parts_of
from query_api.queries.reads import Reads
from query_api.queries.series_reading import SeriesKey
from query_api.queries.stored_weight import by_weight
from stores.columns.port import ObjectSteps, ObjectsWanted, SeriesObjects

_STEPS_PER_READ = 1_000
_FURTHEST = 1 << 62

Values = list[Any]
"""What is shown at some steps, in their order: a list of records each, or a record, None where nothing is left."""


@dataclass(frozen=True, slots=True)
class ObjectTrace:
    """One series and the steps that are shown of it. All arrays have one length."""

    run: RunDocument
    summary: ObjectSummary
    steps: Integers
    epochs: Floats
    times: Floats

    @property
    def key(self) -> SeriesKey:
        return object_key(self.run, self.summary)


def object_key(run: RunDocument, summary: ObjectSummary) -> SeriesKey:
    return SeriesKey(summary.name, data_key(run.id, run.incarnation), context_key(summary.context))


async def read_traces(
    reads: Reads, kind: str, series: Sequence[tuple[RunDocument, ObjectSummary]], steps: Range, density: int
) -> list[ObjectTrace]:
    """In the order of the series, each with the steps that are shown, maybe none."""
    if not series:
        return []
    keys = [object_key(*one) for one in series]
    bounds = (_near(steps.start), _near(steps.stop))
    found: dict[SeriesKey, ObjectSteps] = {}
    if bounds[0] < bounds[1]:
        rows = await reads.columns.read_object_steps(
            reads.names.objects,
            kind,
            sorted({key.name for key in keys}),
            sorted({key.data_key for key in keys}),
            steps=bounds,
        )
        found = {SeriesKey(one.name, one.data_key, one.context): one for one in rows}
    # A request may name one series many times.
    asked = dict(zip(keys, series, strict=True))
    traces = {key: _trace(*one, found.get(key), density) for key, one in asked.items()}
    return [traces[key] for key in keys]


def _near(step: int) -> int:
    """Steps have 53 bits, bounds as many as a client likes."""
    return max(-_FURTHEST, min(_FURTHEST, step))


def _trace(run: RunDocument, summary: ObjectSummary, found: ObjectSteps | None, density: int) -> ObjectTrace:
    if found is None:
        return ObjectTrace(run, summary, np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    steps = thin_steps(found.steps, density)
    places = found.steps.searchsorted(steps)
    return ObjectTrace(run, summary, steps, found.epochs[places], found.times[places])


async def read_values(
    reads: Reads, kind: str, traces: Sequence[ObjectTrace], ranges: Ranges, selection: Selection
) -> AsyncGenerator[tuple[int, Values], None]:
    """Parts of the values of the traces, in order: the trace's index, and what comes next of it.

    A trace without steps is not named. Close the iterator if you leave it early.
    """
    for group in _groups(traces):
        wanted = [ObjectsWanted(*traces[index].key, steps) for index, steps in group]
        found = await reads.columns.read_objects(reads.names.objects, kind, wanted)
        rows = {SeriesKey(one.name, one.data_key, one.context): _rows(one) for one in found}
        items = [(index, [rows.get(traces[index].key, {}).get(step, ()) for step in steps]) for index, steps in group]
        for index, part in items:
            run = traces[index].run
            for steps in by_weight(part, _claims):
                claims = [claim for one in steps for claim in _claims(one)]
                known = await reads.values.load(run.id, claims) if claims else {}
                records = Records(reads.references, run, known, reads.now)
                yield index, [_shown(one, records, ranges.index_used, selection) for one in steps]


Items = tuple[Item, ...]
"""What was logged at one step."""


def _claims(items: Items) -> list[StoredValue]:
    return [claim for item in items for claim in stored_values(parts_of(item))]


def _shown(items: Items, records: Records, used: Range | None, selection: Selection) -> Any:
    if used is None:
        return records.of(items[0], None) if items else None
    return [records.of(items[index], index) for index in shown_indices(used, selection.index_density, len(items))]


def _groups(traces: Sequence[ObjectTrace]) -> Iterable[list[tuple[int, list[int]]]]:
    """Parts of traces, as many steps together as one read gives."""
    group: list[tuple[int, list[int]]] = []
    room = _STEPS_PER_READ
    for index, trace in enumerate(traces):
        steps: list[int] = trace.steps.tolist()
        while steps:
            group.append((index, steps[:room]))
            steps, room = steps[room:], room - min(room, len(steps))
            if not room:
                yield group
                group, room = [], _STEPS_PER_READ
    if group:
        yield group


def _rows(found: SeriesObjects) -> dict[int, Items]:
    return dict(zip(found.steps.tolist(), map(unpack_items, found.payloads), strict=True))
