"""Metric points in columns, as services see them. One adapter, `clickhouse.py`, for both engines: the DSN decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.metric_points import Floats, Integers
from contracts.read_models.points import Keys, PointRows

__all__ = ("ColumnReader", "Columns", "Keys", "PointRows", "SeriesPoints")


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
    async def has_table(self, table: str) -> bool: ...

    async def execute(self, statement: str) -> None:
        """Run one DDL statement; migrations and recovery alone do."""
        ...

    async def insert_points(self, table: str, rows: PointRows) -> None:
        """Write and sync: when it returns the rows survive a power cut. The same rows again change no read."""
        ...

    async def warm_up(self) -> None:
        """Pay now what the first insert and select of a process cost (measured: up to 1.6 s embedded)."""
        ...
