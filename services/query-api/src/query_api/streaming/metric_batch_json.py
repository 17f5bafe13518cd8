"""Row 23 as JSON in pieces."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

import msgspec
from numpy.typing import NDArray

from contracts.rest.run_reads import SeriesName
from query_api.queries.metric_batch import FoundPoints, metric_batch
from query_api.queries.reads import Reads
from query_api.queries.series_reading import StepRange
from query_api.streaming.json_arrays import json_array

_NUMBERS_PER_PIECE = 10_000
"""About 1 ms of the loop's time."""


def metric_batch_json(
    reads: Reads, run_id: str, series: Sequence[SeriesName], steps: StepRange, most_points: int
) -> AsyncGenerator[bytes, None]:
    """An array of `contracts.rest.run_reads.SeriesValues`. Raises as `metric_batch`, before the first piece."""
    return json_array(metric_batch(reads, run_id, series, steps, most_points), _pieces)


def _pieces(before: bytes, found: FoundPoints) -> Iterator[bytes]:
    """Nothing is copied as a whole: a client that names one series many times costs no more memory than one."""
    name, context = map(msgspec.json.encode, (found.asked.name, found.asked.context))
    yield before + b'{"name":' + name + b',"context":' + context + b',"iters":['
    if found.shown is not None:
        yield from _numbers(found.shown.steps)
    yield b'],"values":['
    if found.shown is not None:
        yield from _numbers(found.shown.values)
    yield b"]}"


def _numbers(column: NDArray[Any]) -> Iterator[bytes]:
    """What is not finite is null."""
    for start in range(0, len(column), _NUMBERS_PER_PIECE):
        listed = msgspec.json.encode(column[start : start + _NUMBERS_PER_PIECE].tolist())
        yield (b"," if start else b"") + listed[1:-1]
