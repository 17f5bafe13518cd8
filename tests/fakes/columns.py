"""Metric points in memory: every row kept as it was written, the highest version of a step read."""

import re
from collections.abc import Sequence

import numpy as np
from tests.fakes.faults import Faults

from contracts.read_models.points import PointRows
from stores.columns.port import SeriesPoints

_Key = tuple[str, int, int]
_Point = tuple[int, float, float, float]

_TABLE = re.compile(r"TABLE IF (?:NOT )?EXISTS (\w+)")


class FakeColumns:
    """`faults` is reached as `columns.before` and `columns.after` each insert. Knows CREATE and DROP TABLE, no more."""

    def __init__(self, faults: Faults | None = None) -> None:
        self._faults = faults or Faults()
        self._tables: dict[str, dict[_Key, dict[int, _Point]]] = {}
        self.inserts = 0
        self.closed = False

    async def has_table(self, table: str) -> bool:
        return table in self._tables

    async def execute(self, statement: str) -> None:
        found = _TABLE.search(statement)
        if found is None:
            raise ValueError(f"the fake does not know this statement: {statement}")
        if "DROP TABLE" in statement:
            self._tables.pop(found[1], None)
        else:
            self._tables.setdefault(found[1], {})

    async def insert_points(self, table: str, rows: PointRows) -> None:
        self._faults.reach("columns.before")
        self.inserts += 1
        stored = self._tables[table]
        keys = zip(rows.names, rows.data_keys.tolist(), rows.contexts.tolist(), strict=True)
        points = zip(
            rows.versions.tolist(), rows.values.tolist(), rows.epochs.tolist(), rows.times.tolist(), strict=True
        )
        for key, step, point in zip(keys, rows.steps.tolist(), points, strict=True):
            series = stored.setdefault(key, {})
            if step not in series or series[step][0] <= point[0]:
                series[step] = point
        self._faults.reach("columns.after")

    async def read_points(
        self,
        table: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: tuple[int | None, int | None] = (None, None),
    ) -> list[SeriesPoints]:
        found = []
        for name, key, context in sorted(self._tables[table]):
            if name in names and key in data_keys and (contexts is None or context in contexts):
                points = sorted(
                    (step, point)
                    for step, point in self._tables[table][name, key, context].items()
                    if _within(step, steps)
                )
                if points:
                    found.append(_series(name, key, context, points))
        return found

    async def count_points(self, table: str) -> int:
        return sum(len(series) for series in self._tables[table].values())

    async def warm_up(self) -> None:
        self._faults.reach("columns.warm_up")

    async def check(self) -> None:
        self._faults.reach("columns.check")

    async def close(self) -> None:
        self.closed = True


def _within(step: int, steps: tuple[int | None, int | None]) -> bool:
    start, stop = steps
    return (start is None or step >= start) and (stop is None or step < stop)


def _series(name: str, key: int, context: int, points: Sequence[tuple[int, _Point]]) -> SeriesPoints:
    return SeriesPoints(
        name=name,
        data_key=key,
        context=context,
        steps=np.array([step for step, _ in points], np.int64),
        values=np.array([point[1] for _, point in points], np.float64),
        epochs=np.array([point[2] for _, point in points], np.float64),
        times=np.array([point[3] for _, point in points], np.float64),
    )
