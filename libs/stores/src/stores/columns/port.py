"""Points, objects and logs in columns, as services see them. One adapter, `clickhouse.py`: the DSN names the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.metric_points import Floats, Integers
from contracts.read_models.logs import LogRows
from contracts.read_models.objects import Flags, ObjectRows
from contracts.read_models.points import Keys, PointRows

__all__ = (
    "ColumnReader",
    "Columns",
    "Keys",
    "LogPart",
    "LogRows",
    "ObjectRows",
    "ObjectSteps",
    "ObjectsWanted",
    "PointRows",
    "SeriesObjects",
    "SeriesPoints",
)


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


@dataclass(frozen=True, slots=True)
class ObjectSteps:
    """At which steps one series of objects holds something: strictly rising. All arrays have shape (n,)."""

    name: str
    data_key: int
    context: int
    steps: Integers
    epochs: Floats
    times: Floats


@dataclass(frozen=True, slots=True)
class ObjectsWanted:
    """Some steps of one series."""

    name: str
    data_key: int
    context: int
    steps: Sequence[int]


@dataclass(frozen=True, slots=True)
class SeriesObjects:
    """Objects of one series: steps strictly rising, the last write of each step. All have length n.

    payloads: packed items, see `contracts.read_models.objects`.
    """

    name: str
    data_key: int
    context: int
    steps: Integers
    epochs: Floats
    times: Floats
    listed: Flags
    payloads: list[bytes]


@dataclass(frozen=True, slots=True)
class LogPart:
    """Lines or records of one log: numbers strictly rising, the last write of each. Both have length n."""

    numbers: Integers
    payloads: list[bytes]


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

    async def read_object_steps(
        self,
        table: str,
        kind: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: tuple[int | None, int | None] = (None, None),
    ) -> list[ObjectSteps]:
        """As `read_points`, of the series of one kind of objects, without the objects: cheap whatever their size."""
        ...

    async def read_objects(self, table: str, kind: str, wanted: Sequence[ObjectsWanted]) -> list[SeriesObjects]:
        """The objects at these steps; what is not there is left out, and so is a series of which nothing is.

        Series come ordered by name, data key, context. Whole in memory: ask for no more than is to be sent at once.
        """
        ...

    async def read_log(
        self, table: str, data_key: int, *, numbers: tuple[int | None, int | None] = (None, None), limit: int
    ) -> LogPart:
        """The first `limit` lines or records whose number is in the half-open range, ascending."""
        ...

    async def has_table(self, table: str) -> bool: ...

    async def count_rows(self, table: str) -> int:
        """Number of distinct sort keys: rows that readers can see."""
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

    async def insert_objects(self, table: str, rows: ObjectRows) -> None:
        """As `insert_points`."""
        ...

    async def insert_log(self, table: str, rows: LogRows) -> None:
        """As `insert_points`, into either of the log tables."""
        ...

    async def delete_rows(self, table: str, data_keys: Sequence[int]) -> None:
        """Remove all rows of these runs: no reader sees any when it returns, whatever was written before.

        A power cut may bring them back, so ask for keys that nobody reads any more.
        """
        ...

    async def warm_up(self) -> None:
        """Pay now what the first insert and select of a process cost (measured: up to 1.6 s embedded)."""
        ...
