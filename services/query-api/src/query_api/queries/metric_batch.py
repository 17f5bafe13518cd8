"""Row 23: points of some series of one run, as JSON."""

import asyncio
from collections.abc import Sequence

import numpy as np

from contracts.rest.run_reads import SeriesName, SeriesValues
from query_api.queries.asked_series import AskedSeries
from query_api.queries.reads import Reads
from query_api.queries.series_reading import SeriesKey, check_series_asked, series_key
from query_api.queries.thinning import check_points, thin_series
from stores.columns.port import SeriesPoints

StepRange = tuple[int | None, int | None]
"""Half open; None leaves a side open."""


async def metric_batch(
    reads: Reads, run_id: str, series: Sequence[SeriesName], steps: StepRange, most_points: int
) -> list[SeriesValues]:
    """In order of the request; unknown series are left out.

    Raises NotFound, BadRequest for a bad density, ValidationFailed for too many series.
    """
    check_points(most_points)
    check_series_asked(len(series))
    run = await reads.runs.get(run_id)
    known = AskedSeries(run.summaries())
    pairs = [(one, known.find(one.name, one.context)) for one in series]
    asked = [(one, series_key(run, match.name, match.context)) for one, match in pairs if match is not None]
    keys = [key for _, key in asked]
    if not keys:
        return []
    found = await reads.columns.read_points(
        reads.names.points,
        sorted({key.name for key in keys}),
        [keys[0].data_key],
        sorted({key.context for key in keys}),
        steps=steps,
    )
    points = {SeriesKey(one.name, one.data_key, one.context): one for one in found}
    return await asyncio.to_thread(_values, [(one, points.get(key)) for one, key in asked], most_points)


def _values(asked: Sequence[tuple[SeriesName, SeriesPoints | None]], most: int) -> list[SeriesValues]:
    chosen = thin_series([np.zeros(0) if points is None else points.values for _, points in asked], most)
    answers = []
    for (one, points), kept in zip(asked, chosen, strict=True):
        if points is None:
            answers.append(SeriesValues(one.name, one.context, [], []))
            continue
        values = points.values[kept]
        numbers: list[float | None] = values.tolist()
        for index in np.flatnonzero(~np.isfinite(values)):
            numbers[index] = None
        answers.append(SeriesValues(one.name, one.context, points.steps[kept].tolist(), numbers))
    return answers
