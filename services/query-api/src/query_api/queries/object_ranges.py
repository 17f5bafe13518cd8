"""Which steps and which places of lists are shown of objects (streaming contract, 9.5, 10.2 and 11.3). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from contracts.errors import BadRequest
from contracts.metric_points import Integers
from contracts.read_models import ObjectSummary

Asked = tuple[int | None, int | None]
LISTED_KINDS = frozenset({"images", "audios", "texts"})
"""Kinds whose steps hold lists."""


@dataclass(frozen=True, slots=True)
class Range:
    """Half-open."""

    start: int
    stop: int

    def narrowed(self, asked: Asked) -> "Range":
        """What was asked for, even outside of this range; an open side comes from it."""
        start, stop = asked
        return Range(self.start if start is None else start, self.stop if stop is None else stop)

    def shown(self) -> list[int]:
        return [self.start, self.stop]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a request wants to see. Densities are positive."""

    records: Asked = (None, None)
    record_density: int = 50
    indices: Asked = (None, None)
    index_density: int = 5


@dataclass(frozen=True, slots=True)
class Ranges:
    """Over all series of an answer. Indices are None for kinds without lists."""

    record_used: Range
    record_total: Range
    index_used: Range | None
    index_total: Range | None


def check_density(density: int) -> int:
    """Raises BadRequest unless it is positive."""
    if density <= 0:
        raise BadRequest("Density must be greater than 0.")
    return density


def ranges_of(kind: str, summaries: Iterable[ObjectSummary], selection: Selection) -> Ranges:
    """summaries: at least one."""
    known = list(summaries)
    records = Range(min(one.first_step for one in known), max(one.last_step for one in known) + 1)
    indices = Range(0, max(one.longest for one in known)) if kind in LISTED_KINDS else None
    return Ranges(
        records.narrowed(selection.records),
        records,
        None if indices is None else indices.narrowed(selection.indices),
        indices,
    )


def thin_steps(steps: Integers, density: int) -> Integers:
    """Every n-th of the steps, beginning with the first, and the last: at most twice as many as the density."""
    stride = max(1, len(steps) // density)
    kept = steps[::stride]
    return kept if not len(steps) or kept[-1] == steps[-1] else np.append(kept, steps[-1])


def shown_indices(used: Range, density: int, length: int) -> range:
    """Places in a list of this length; the stride follows the range, however short the list is."""
    stride = max(1, (used.stop - used.start) // density)
    return range(used.start, min(used.stop, length), stride)
