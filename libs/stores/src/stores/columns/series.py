"""From the rows of a sorted answer to series without duplicates. Pure."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from contracts.metric_points import Floats, Integers
from stores.columns.native import TextColumn
from stores.columns.port import Keys, SeriesPoints


def split_series(
    names: TextColumn, data_keys: Keys, contexts: Keys, steps: Integers, values: Floats, epochs: Floats, times: Floats
) -> Iterator[SeriesPoints]:
    """Cut rows of shape (n,), sorted by name, data key, context, step and version, into series; of a step the last.

    The arrays of a series are views into arrays of all rows.
    """
    if not len(steps):
        return
    codes = _same_text_same_code(names)
    begins = _changes(codes, data_keys, contexts)
    # A row counts unless the next one is of the same series and step: that one has a newer version.
    last_of_step = np.append(begins[1:] | (steps[1:] != steps[:-1]), True)
    begins_at = np.flatnonzero(begins)
    bounds = [0, *np.cumsum(np.add.reduceat(last_of_step, begins_at, dtype=np.int64)).tolist()]
    if not last_of_step.all():
        steps, values, epochs, times = (column[last_of_step] for column in (steps, values, epochs, times))
    keys = zip(codes[begins_at].tolist(), data_keys[begins_at].tolist(), contexts[begins_at].tolist(), strict=True)
    for (code, data_key, context), start, stop in zip(keys, bounds, bounds[1:], strict=False):
        yield SeriesPoints(
            names.texts[code],
            data_key,
            context,
            steps[start:stop],
            values[start:stop],
            epochs[start:stop],
            times[start:stop],
        )


def _same_text_same_code(names: TextColumn) -> NDArray[np.int64]:
    """Each block brought its own dictionary."""
    first: dict[str, int] = {}
    translation = [first.setdefault(text, code) for code, text in enumerate(names.texts)]
    return np.array(translation, np.int64)[names.codes]


def _changes(codes: NDArray[np.int64], data_keys: Keys, contexts: Keys) -> NDArray[np.bool_]:
    changed = np.ones(len(codes), np.bool_)
    changed[1:] = (codes[1:] != codes[:-1]) | (data_keys[1:] != data_keys[:-1]) | (contexts[1:] != contexts[:-1])
    return changed
