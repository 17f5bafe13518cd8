"""Tables of columns in memory: every row kept as it was written, the highest version of a sort key read."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from tests.fakes.faults import Faults

from contracts.read_models.logs import LogRows
from contracts.read_models.objects import ObjectRows
from contracts.read_models.points import PointRows
from stores.columns.port import LogPart, ObjectSteps, ObjectsWanted, SeriesObjects, SeriesPoints

_TABLE = re.compile(r"TABLE IF (?:NOT )?EXISTS (\w+)")
_RUN_IN_KEY = {0: 0, 2: 0, 4: 1, 5: 2}
"""Where the data key stands in a sort key of so many parts: of logs, points and objects."""
_Range = tuple[int | None, int | None]


class _Row(NamedTuple):
    version: int
    values: tuple[Any, ...]


_Rows = dict[tuple[Any, ...], _Row]
"""By sort key, whose last part is the step or the number."""


class FakeColumns:
    """`faults` is reached as `columns.before` and `columns.after` each insert. Knows CREATE and DROP TABLE, no more."""

    def __init__(self, faults: Faults | None = None) -> None:
        self._faults = faults or Faults()
        self._tables: dict[str, _Rows] = {}
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
        keys = zip(rows.names, rows.data_keys.tolist(), rows.contexts.tolist(), rows.steps.tolist(), strict=True)
        values = zip(rows.values.tolist(), rows.epochs.tolist(), rows.times.tolist(), strict=True)
        self._insert(table, keys, rows.versions.tolist(), values)

    async def insert_objects(self, table: str, rows: ObjectRows) -> None:
        keys = zip(
            rows.kinds,
            rows.names,
            rows.data_keys.tolist(),
            rows.contexts.tolist(),
            rows.steps.tolist(),
            strict=True,
        )
        values = zip(rows.epochs.tolist(), rows.times.tolist(), rows.listed.tolist(), rows.payloads, strict=True)
        self._insert(table, keys, rows.versions.tolist(), values)

    async def insert_log(self, table: str, rows: LogRows) -> None:
        keys = zip(rows.data_keys.tolist(), rows.steps.tolist(), strict=True)
        self._insert(table, keys, rows.versions.tolist(), ((payload,) for payload in rows.payloads))

    def _insert(
        self, table: str, keys: Iterable[tuple[Any, ...]], versions: Iterable[int], values: Iterable[tuple[Any, ...]]
    ) -> None:
        self._faults.reach("columns.before")
        self.inserts += 1
        stored = self._tables[table]
        for key, version, row in zip(keys, versions, values, strict=True):
            if key not in stored or stored[key].version <= version:
                stored[key] = _Row(version, row)
        self._faults.reach("columns.after")

    async def delete_rows(self, table: str, data_keys: Sequence[int]) -> None:
        self._faults.reach("columns.before")
        gone = set(data_keys)
        place = _RUN_IN_KEY[len(next(iter(self._tables[table]), ()))]
        self._tables[table] = {key: row for key, row in self._tables[table].items() if key[place] not in gone}
        self._faults.reach("columns.after")

    async def read_points(
        self,
        table: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: _Range = (None, None),
    ) -> list[SeriesPoints]:
        series = self._series(table, (), names, data_keys, contexts, steps)
        return [
            SeriesPoints(*key, _integers(rows), *(_floats(rows, column) for column in range(3)))
            for key, rows in series.items()
        ]

    async def read_object_steps(
        self,
        table: str,
        kind: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: _Range = (None, None),
    ) -> list[ObjectSteps]:
        series = self._series(table, (kind,), names, data_keys, contexts, steps)
        return [ObjectSteps(*key, _integers(rows), _floats(rows, 0), _floats(rows, 1)) for key, rows in series.items()]

    async def read_objects(self, table: str, kind: str, wanted: Sequence[ObjectsWanted]) -> list[SeriesObjects]:
        found: dict[tuple[str, int, int], dict[int, _Row]] = {}
        for one in wanted:
            key = (one.name, one.data_key, one.context)
            for step in one.steps:
                row = self._tables[table].get((kind, *key, step))
                if row is not None:
                    found.setdefault(key, {})[step] = row
        return [_objects(key, sorted(found[key].items())) for key in sorted(found)]

    async def read_log(self, table: str, data_key: int, *, numbers: _Range = (None, None), limit: int) -> LogPart:
        rows = sorted((number, row) for (key, number), row in self._tables[table].items() if key == data_key)
        kept = [(number, row) for number, row in rows if _within(number, numbers)][:limit]
        return LogPart(_integers(kept), [row.values[0] for _, row in kept])

    async def count_rows(self, table: str) -> int:
        return len(self._tables[table])

    async def warm_up(self) -> None:
        self._faults.reach("columns.warm_up")

    async def check(self) -> None:
        self._faults.reach("columns.check")

    async def close(self) -> None:
        self.closed = True

    def _series(
        self,
        table: str,
        kind: tuple[str, ...],
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None,
        steps: _Range,
    ) -> dict[tuple[str, int, int], list[tuple[int, _Row]]]:
        """Steps and rows by name, data key and context, in order."""
        found: dict[tuple[str, int, int], list[tuple[int, _Row]]] = {}
        wanted = [key for key in self._tables[table] if key[: len(kind)] == kind]
        for key in sorted(wanted):
            name, data_key, context, step = key[len(kind) :]
            among = name in names and data_key in data_keys and (contexts is None or context in contexts)
            if among and _within(step, steps):
                found.setdefault((name, data_key, context), []).append((step, self._tables[table][key]))
        return found


def _within(step: int, steps: _Range) -> bool:
    start, stop = steps
    return (start is None or step >= start) and (stop is None or step < stop)


def _integers(rows: Sequence[tuple[int, _Row]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([step for step, _ in rows], np.int64)


def _floats(rows: Sequence[tuple[int, _Row]], column: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([row.values[column] for _, row in rows], np.float64)


def _objects(key: tuple[str, int, int], rows: Sequence[tuple[int, _Row]]) -> SeriesObjects:
    listed = np.array([row.values[2] for _, row in rows], np.bool_)
    payloads = [row.values[3] for _, row in rows]
    return SeriesObjects(*key, _integers(rows), _floats(rows, 0), _floats(rows, 1), listed, payloads)
