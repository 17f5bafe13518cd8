"""View `objects`: one row for each step of each series, the last write of the event."""

import numpy as np

from contracts.events import ObjectsTracked
from contracts.keys import context_key, data_key
from contracts.position import Position
from contracts.read_models.objects import ObjectRows, pack_items
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState


def rows_for(applied: Applied, state: RunState, position: Position) -> ObjectRows | None:
    """Rows in the order logged; None for an event without objects.

    state: after the event. Of a series at one step the row logged last is kept: all rows of an event have one version,
    so the store could not choose.
    """
    event = applied.event
    if not isinstance(event, ObjectsTracked):
        return None
    contexts = [context_key(series.context) for series in event.series]
    last = {
        (event.series[row.series].kind, event.series[row.series].name, contexts[row.series], step): row
        for row, step in zip(event.rows, applied.steps, strict=True)
    }
    rows = last.values()
    epochs = [np.nan if row.epoch is None else row.epoch for row in rows]
    return ObjectRows(
        kinds=[kind for kind, _, _, _ in last],
        names=[name for _, name, _, _ in last],
        data_keys=np.full(len(last), data_key(state.run_id, state.incarnation), np.uint64),
        contexts=np.array([context for _, _, context, _ in last], np.uint64),
        steps=np.array([step for _, _, _, step in last], np.int64),
        epochs=np.array(epochs, np.float64),
        times=np.array([row.time for row in rows], np.float64),
        listed=np.array([row.listed for row in rows], np.bool_),
        payloads=[pack_items(row.items) for row in rows],
        versions=np.full(len(last), position.version, np.int64),
    )
