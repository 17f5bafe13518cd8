"""Which points of a metric series are shown: one rule for search, alignment and batches, so that positions match."""

from collections.abc import Sequence

import numpy as np

from contracts.errors import BadRequest
from contracts.metric_points import Floats, Integers

EVERY_POINT = -1


def check_points(most: int) -> int:
    """-1 is all points; raises BadRequest for 0 and for what is below -1."""
    if most < EVERY_POINT or most == 0:
        raise BadRequest("Density must be greater than 0.")
    return most


def thin_series(values: Sequence[Floats], most: int) -> list[Integers]:
    """For each series the indices of the points that are shown, rising.

    values: each of shape (n,), in order of steps. most: -1 for all, else at least 1. All points where n <= most; the
    last alone for 1; else the first, the last and, of each of (most - 2) // 2 equal stretches between, the lowest and
    the highest, so at most `most`. The global extremes are kept from 4 points on. With 3, the point between that is
    furthest from both ends' mean. NaN is shown only where a stretch holds nothing else.
    """
    chosen = [np.arange(len(one)) for one in values]
    if most == EVERY_POINT:
        return chosen
    long = [i for i, one in enumerate(values) if len(one) > most]
    if most <= 2:
        for i in long:
            chosen[i] = np.array([0, len(values[i]) - 1][-most:])
    elif most == 3:
        for i in long:
            chosen[i] = np.array([0, _furthest(values[i]), len(values[i]) - 1])
    elif long:
        for i, inner in zip(long, _extremes([values[i][1:-1] for i in long], (most - 2) // 2), strict=True):
            chosen[i] = np.concatenate(([0], inner + 1, [len(values[i]) - 1]))
    return chosen


def _furthest(values: Floats) -> int:
    ends = values[[0, -1]]
    finite = ends[np.isfinite(ends)]
    middle = finite.mean() if len(finite) else 0.0
    distance = np.abs(values[1:-1] - middle)
    return int(np.argmax(np.where(np.isnan(distance), -1.0, distance))) + 1


def _extremes(values: Sequence[Floats], stretches: int) -> list[Integers]:
    """Indices of the lowest and the highest value of each stretch, rising; each series is longer than `stretches`."""
    lengths = np.array([len(one) for one in values])
    begins = np.cumsum(lengths) - lengths
    # Row i holds where the stretches of series i begin in the concatenation.
    edges = begins[:, None] + np.arange(stretches)[None, :] * lengths[:, None] // stretches
    joined = np.concatenate(values)
    unknown = np.isnan(joined)
    flat = edges.ravel()
    low = _first_equal(np.where(unknown, np.inf, joined), np.minimum, flat)
    high = _first_equal(np.where(unknown, -np.inf, joined), np.maximum, flat)
    pairs = np.stack((np.minimum(low, high), np.maximum(low, high)), axis=1).reshape(len(values), -1)
    return [np.unique(row - begin) for row, begin in zip(pairs, begins, strict=True)]


def _first_equal(values: Floats, extreme: np.ufunc, edges: Integers) -> Integers:
    """For each stretch the first index at which it has its extreme."""
    sizes = np.diff(np.append(edges, len(values)))
    hits = np.flatnonzero(values == np.repeat(extreme.reduceat(values, edges), sizes))
    first: Integers = hits[np.searchsorted(hits, edges)]
    return first
