"""Points, objects and logs in ClickHouse, by clickhouse-connect: over HTTP to a server, or to chDB inside this process.

The DSN decides: `http://host:port` or `chdb:///absolute/folder`. chDB belongs to one process and one folder at a time,
and a process must not fork after it opened one. Rows are durable on return because the table's own settings say so
(`fsync_after_insert`, `fsync_part_directory`: settings of a table, which an insert cannot bring along).
"""

import asyncio
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import product
from operator import attrgetter
from typing import Any, Self, TypeVar

import clickhouse_connect
import numpy as np
from clickhouse_connect.driver.exceptions import ClickHouseError

from stores.columns import blocks, statements
from stores.columns.native import decode_blocks, encode_block
from stores.columns.port import (
    LogPart,
    LogRows,
    ObjectRows,
    ObjectSteps,
    ObjectsWanted,
    PointRows,
    SeriesObjects,
    SeriesPoints,
)
from stores.columns.series import split_object_steps, split_objects, split_series
from stores.errors import StoreUnavailable

_T = TypeVar("_T")

_READING = 4  # a client takes one call at a time; a short read must not wait for a long one
_WRITING = 1  # apart: the projector, and whoever waits for what it shows, must not wait for reads
_MAX_THREADS = 2
_MAX_MEMORY_BYTES = 2 << 30  # of one query
# The engine parses 256 KiB of text. Of them two lists of keys, 22 characters each, and the names in hexadecimal.
_KEYS_PER_QUERY = 4_000
_NAMES_PER_QUERY = 200
_NAME_BYTES_PER_QUERY = 32 << 10
_PLACES_PER_QUERY = 2_000  # 60 digits each
_SERIES = ("name", "run", "ctx", "step")
_POINTS = (*_SERIES, "value", "epoch", "time")
_OBJECT_STEPS = (*_SERIES, "epoch", "time")
_OBJECTS = (*_OBJECT_STEPS, "listed", "payload")
_SERIES_ORDER = attrgetter("name", "data_key", "context")
_SCRATCH_TABLE = "warm_up_points"
_EMBEDDED = "chdb://"


class ClickHouseColumns:
    """The columns port over both engines. Get one by `open`."""

    def __init__(self, reading: Sequence[Any], writing: Sequence[Any]) -> None:
        self._reading = _Clients(reading)
        self._writing = _Clients(writing)

    @classmethod
    async def open(cls, dsn: str, *, max_memory_bytes: int = _MAX_MEMORY_BYTES) -> Self:
        """Connect, or start the embedded engine on its folder. `max_memory_bytes` bounds one query.

        Raises StoreUnavailable if there is no server, or the folder belongs to another process.
        """
        return await asyncio.to_thread(cls._open, dsn, max_memory_bytes)

    @classmethod
    def _open(cls, dsn: str, max_memory_bytes: int) -> Self:
        clients: list[Any] = []
        settings = {"max_threads": _MAX_THREADS, "max_memory_usage": max_memory_bytes}
        with _translated(), ExitStack() as opened:
            for _ in range(_READING + _WRITING):
                client = clickhouse_connect.get_client(settings=settings, **_address(dsn))
                opened.callback(client.close)
                clients.append(client)
            opened.pop_all()
        return cls(clients[:_READING], clients[_READING:])

    async def close(self) -> None:
        """Ends when the running calls ended; may be called twice."""
        await self._reading.close()
        await self._writing.close()

    async def check(self) -> None:
        await self._reading.run(lambda client: client.command("SELECT 1"))

    async def has_table(self, table: str) -> bool:
        statement = statements.exists(table)
        return bool(int(await self._reading.run(lambda client: client.command(statement))))

    async def execute(self, statement: str) -> None:
        await self._writing.run(lambda client: client.command(statement))

    async def insert_points(self, table: str, rows: PointRows) -> None:
        await self._insert(table, blocks.point_columns(rows))

    async def insert_objects(self, table: str, rows: ObjectRows) -> None:
        await self._insert(table, blocks.object_columns(rows))

    async def insert_log(self, table: str, rows: LogRows) -> None:
        await self._insert(table, blocks.log_columns(rows))

    async def delete_rows(self, table: str, data_keys: Sequence[int]) -> None:
        for part in _parts(data_keys, _KEYS_PER_QUERY):
            await self.execute(statements.delete_rows(table, part))

    async def _insert(self, table: str, columns: blocks.Columns) -> None:
        name = statements.table_name(table)
        if len(columns["step"]):
            await self._writing.run(
                lambda client: client.raw_insert(name, list(columns), encode_block(columns), fmt="Native")
            )

    async def read_points(
        self,
        table: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: tuple[int | None, int | None] = (None, None),
    ) -> list[SeriesPoints]:
        found: list[SeriesPoints] = []
        for part in _questions(names, data_keys, contexts):
            rows = await self._select(statements.select_points(table, *part, steps))
            found += split_series(*(rows[name] for name in _POINTS)) if rows else ()
        return sorted(found, key=_SERIES_ORDER)

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
        found: list[ObjectSteps] = []
        for part in _questions(names, data_keys, contexts):
            rows = await self._select(statements.select_object_steps(table, kind, *part, steps))
            found += split_object_steps(*(rows[name] for name in _OBJECT_STEPS)) if rows else ()
        return sorted(found, key=_SERIES_ORDER)

    async def read_objects(self, table: str, kind: str, wanted: Sequence[ObjectsWanted]) -> list[SeriesObjects]:
        found: list[SeriesObjects] = []
        for name, places in _by_name(wanted).items():
            for part in _parts(sorted(places), _PLACES_PER_QUERY):
                rows = await self._select(statements.select_objects(table, kind, name, part))
                found += split_objects(*(rows[column] for column in _OBJECTS)) if rows else ()
        return _whole_series(sorted(found, key=_SERIES_ORDER))

    async def read_log(
        self, table: str, data_key: int, *, numbers: tuple[int | None, int | None] = (None, None), limit: int
    ) -> LogPart:
        rows = await self._select(statements.select_log(table, data_key, numbers, limit))
        return LogPart(rows["step"], rows["payload"]) if rows else LogPart(np.zeros(0, np.int64), [])

    async def count_rows(self, table: str) -> int:
        statement = statements.count_rows(table)
        return int(await self._reading.run(lambda client: client.command(statement)))

    async def _select(self, statement: str) -> dict[str, Any]:
        """Columns by name; empty if the engine sent no block."""
        return await self._reading.run(lambda client: decode_blocks(client.raw_query(statement, fmt="Native")))

    async def warm_up(self) -> None:
        await self.execute(statements.create_scratch_table(_SCRATCH_TABLE))
        one, key = np.ones(1), np.ones(1, np.uint64)
        step = np.ones(1, np.int64)
        await self.insert_points(_SCRATCH_TABLE, PointRows(["warm up"], key, key, step, one, one, one, step))
        await self.read_points(_SCRATCH_TABLE, ["warm up"], [1])


class _Clients:
    """Each takes one call at a time, in a thread."""

    def __init__(self, clients: Sequence[Any]) -> None:
        self._clients = clients
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for client in clients:
            self._idle.put(client)
        self._threads = ThreadPoolExecutor(len(clients), "columns")
        self._closed = False

    async def run(self, call: Callable[[Any], _T]) -> _T:
        def with_client() -> _T:
            client = self._idle.get()
            try:
                with _translated():
                    return call(client)
            finally:
                self._idle.put(client)

        if self._closed:
            raise StoreUnavailable("the columns are closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, with_client)

    async def close(self) -> None:
        """Ends when the running calls ended; may be called twice."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        for client in self._clients:
            client.close()


def _address(dsn: str) -> dict[str, Any]:
    if dsn.startswith(_EMBEDDED):
        return {"interface": "chdb", "path": dsn.removeprefix(_EMBEDDED)}
    # A session would tie a client to one server and refuse its second call at a time.
    return {"dsn": dsn, "autogenerate_session_id": False}


def _parts(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    unique = list(dict.fromkeys(items))
    return [unique[start : start + size] for start in range(0, len(unique), size)]


def _name_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Few of very long names."""
    part: list[str] = []
    size = 0
    for name in dict.fromkeys(names):
        length = len(name.encode("utf-8", "surrogatepass"))
        if part and (len(part) == _NAMES_PER_QUERY or size + length > _NAME_BYTES_PER_QUERY):
            yield part
            part, size = [], 0
        part.append(name)
        size += length
    if part:
        yield part


def _questions(
    names: Sequence[str], data_keys: Sequence[int], contexts: Sequence[int] | None
) -> Iterator[tuple[Sequence[str], Sequence[int], Sequence[int] | None]]:
    """Cut so that each fits into a statement."""
    context_parts = [None] if contexts is None else _parts(contexts, _KEYS_PER_QUERY)
    return product(_name_parts(names), _parts(data_keys, _KEYS_PER_QUERY), context_parts)


def _by_name(wanted: Sequence[ObjectsWanted]) -> dict[str, list[tuple[int, int, int]]]:
    """(data key, context, step) by name."""
    places: dict[str, list[tuple[int, int, int]]] = {}
    for one in wanted:
        places.setdefault(one.name, []).extend((one.data_key, one.context, step) for step in one.steps)
    return places


def _whole_series(found: Sequence[SeriesObjects]) -> list[SeriesObjects]:
    """Sorted parts of series made whole: a series whose steps were asked for in two statements came in two."""
    whole: list[SeriesObjects] = []
    for part in found:
        before = whole[-1] if whole else None
        if before is None or _SERIES_ORDER(before) != _SERIES_ORDER(part):
            whole.append(part)
            continue
        whole[-1] = SeriesObjects(
            part.name,
            part.data_key,
            part.context,
            np.concatenate((before.steps, part.steps)),
            np.concatenate((before.epochs, part.epochs)),
            np.concatenate((before.times, part.times)),
            np.concatenate((before.listed, part.listed)),
            before.payloads + part.payloads,
        )
    return whole


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClickHouseError, OSError) as error:  # OSError: the embedded client hands an insert over in a temporary file
        raise StoreUnavailable(f"the column engine: {error}") from error
