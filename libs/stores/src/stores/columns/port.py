"""Metric points in columns, as services see them. One adapter, `clickhouse.py`, for both engines: the DSN decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.metric_points import Floats, Integers

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class PointRows:
    """Rows of the points table. All arrays have shape (n,).

    names: text. data_keys, contexts: `contracts.keys`. steps, values, epochs (NaN if none), times (seconds UTC): as
    folded. versions: of the event that wrote the row; of one (name, data key, context, step) the highest counts.
    """

    names: list[str]
    data_keys: Keys
    contexts: Keys
    steps: Integers
    values: Floats
    epochs: Floats
    times: Floats
    versions: Integers

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class SeriesPoints:
    """One series: steps strictly rising, the last write of each step. All arrays have shape (n,)."""

    name: str
    data_key: int
    context: int
    steps: Integers
    values: Floats
    epochs: Floats
    times: Floats


class ColumnReader(Protocol):
    async def read_points(
        self,
        table: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: tuple[int | None, int | None] = (None, None),
    ) -> list[SeriesPoints]:
        """The series with one of the names in one of the data keys (and one of the contexts, unless None).

        `steps` is a half-open range, either side may be None. Series come ordered by name, data key, context; one that
        holds no point in the range is absent. No duplicates, whatever was delivered twice or overwritten.
        """
        ...

    async def count_points(self, table: str) -> int:
        """Number of distinct (name, data key, context, step)."""
        ...

    async def check(self) -> None:
        """Raise StoreUnavailable if the engine does not answer now. Cheap: readiness calls it."""
        ...

    async def close(self) -> None: ...


class Columns(ColumnReader, Protocol):
    async def execute(self, statement: str) -> None:
        """Run one DDL statement; migrations and recovery alone do."""
        ...

    async def insert_points(self, table: str, rows: PointRows) -> None:
        """Write and sync: when it returns the rows survive a power cut. The same rows again change no read."""
        ...

    async def warm_up(self) -> None:
        """Pay now what the first insert and select of a process cost (measured: up to 1.6 s embedded)."""
        ...
