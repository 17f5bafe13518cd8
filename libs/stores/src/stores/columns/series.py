"""From the rows of a sorted answer to series without duplicates. Pure."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from contracts.metric_points import Floats, Integers
from stores.columns.native import TextColumn
from stores.columns.port import Keys, ObjectSteps, SeriesObjects, SeriesPoints

Bound = tuple[str, int, int, slice]
"""Name, data key and context of a series, and which of the rows that count are its own."""


def split_series(
    names: TextColumn, data_keys: Keys, contexts: Keys, steps: Integers, values: Floats, epochs: Floats, times: Floats
) -> Iterator[SeriesPoints]:
    """Cut rows of shape (n,), sorted by name, data key, context, step and version, into series; of a step the last.

    The arrays of a series are views into arrays of all rows.
    """
    bounds, counts = _bounds(names, data_keys, contexts, steps)
    if not counts.all():
        steps, values, epochs, times = steps[counts], values[counts], epochs[counts], times[counts]
    for name, data_key, context, part in bounds:
        yield SeriesPoints(name, data_key, context, steps[part], values[part], epochs[part], times[part])


def split_object_steps(
    names: TextColumn, data_keys: Keys, contexts: Keys, steps: Integers, epochs: Floats, times: Floats
) -> Iterator[ObjectSteps]:
    """As `split_series`, of objects without payloads."""
    bounds, counts = _bounds(names, data_keys, contexts, steps)
    steps, epochs, times = steps[counts], epochs[counts], times[counts]
    for name, data_key, context, part in bounds:
        yield ObjectSteps(name, data_key, context, steps[part], epochs[part], times[part])


def split_objects(
    names: TextColumn,
    data_keys: Keys,
    contexts: Keys,
    steps: Integers,
    epochs: Floats,
    times: Floats,
    listed: NDArray[np.uint8],
    payloads: list[bytes],
) -> Iterator[SeriesObjects]:
    """As `split_series`, of objects."""
    bounds, counts = _bounds(names, data_keys, contexts, steps)
    steps, epochs, times = steps[counts], epochs[counts], times[counts]
    lists = listed[counts].astype(np.bool_)
    kept = [payloads[row] for row in np.flatnonzero(counts).tolist()]
    for name, data_key, context, part in bounds:
        yield SeriesObjects(name, data_key, context, steps[part], epochs[part], times[part], lists[part], kept[part])


def _bounds(
    names: TextColumn, data_keys: Keys, contexts: Keys, steps: Integers
) -> tuple[list[Bound], NDArray[np.bool_]]:
    """The series in their order, and which rows count: of the rows of a step the last."""
    if not len(steps):
        return [], np.zeros(0, np.bool_)
    codes = _same_text_same_code(names)
    begins = _changes(codes, data_keys, contexts)
    # A row counts unless the next one is of the same series and step: that one has a newer version.
    counts = np.append(begins[1:] | (steps[1:] != steps[:-1]), True)
    begins_at = np.flatnonzero(begins)
    ends = np.cumsum(np.add.reduceat(counts, begins_at, dtype=np.int64)).tolist()
    keys = zip(codes[begins_at].tolist(), data_keys[begins_at].tolist(), contexts[begins_at].tolist(), strict=True)
    bounds = [
        (names.texts[code], data_key, context, slice(start, stop))
        for (code, data_key, context), start, stop in zip(keys, [0, *ends], ends, strict=False)
    ]
    return bounds, counts


def _same_text_same_code(names: TextColumn) -> NDArray[np.int64]:
    """Each block brought its own dictionary."""
    first: dict[str, int] = {}
    translation = [first.setdefault(text, code) for code, text in enumerate(names.texts)]
    return np.array(translation, np.int64)[names.codes]


def _changes(codes: NDArray[np.int64], data_keys: Keys, contexts: Keys) -> NDArray[np.bool_]:
    changed = np.ones(len(codes), np.bool_)
    changed[1:] = (codes[1:] != codes[:-1]) | (data_keys[1:] != data_keys[:-1]) | (contexts[1:] != contexts[:-1])
    return changed
