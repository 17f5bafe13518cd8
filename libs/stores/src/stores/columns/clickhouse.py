"""Metric points in ClickHouse, by clickhouse-connect: over HTTP to a server, or to chDB inside this process.

The DSN decides: `http://host:port` or `chdb:///absolute/folder`. chDB belongs to one process and one folder at a time,
and a process must not fork after it opened one. Rows are durable on return because the table's own settings say so
(`fsync_after_insert`, `fsync_part_directory`: settings of a table, which an insert cannot bring along).
"""

import asyncio
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import product
from operator import attrgetter
from typing import Any, Self, TypeVar

import clickhouse_connect
import numpy as np
from clickhouse_connect.driver.exceptions import ClickHouseError

from stores.columns import statements
from stores.columns.native import Column, decode_blocks, encode_block
from stores.columns.port import PointRows, SeriesPoints
from stores.columns.series import split_series
from stores.errors import StoreUnavailable

_T = TypeVar("_T")

_CLIENTS = 4  # a client takes one call at a time; a short read must not wait for a long one
_MAX_THREADS = 2
_MAX_MEMORY_BYTES = 2 << 30  # of one query
_KEYS_PER_QUERY = 4_000  # 20 digits each: well under the 256 KiB that the engine parses
_NAMES_PER_QUERY = 200
_SCRATCH_TABLE = "warm_up_points"
_EMBEDDED = "chdb://"


class ClickHouseColumns:
    """The columns port over both engines. Get one by `open`."""

    def __init__(self, clients: Sequence[Any]) -> None:
        self._clients = clients
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for client in clients:
            self._idle.put(client)
        self._threads = ThreadPoolExecutor(len(clients), "columns")
        self._closed = False

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
            for _ in range(_CLIENTS):
                client = clickhouse_connect.get_client(settings=settings, **_address(dsn))
                opened.callback(client.close)
                clients.append(client)
            opened.pop_all()
        return cls(clients)

    async def close(self) -> None:
        """Ends when the running calls ended; may be called twice."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        for client in self._clients:
            client.close()

    async def check(self) -> None:
        await self._run(lambda client: client.command("SELECT 1"))

    async def has_table(self, table: str) -> bool:
        statement = statements.exists(table)
        return bool(int(await self._run(lambda client: client.command(statement))))

    async def execute(self, statement: str) -> None:
        await self._run(lambda client: client.command(statement))

    async def insert_points(self, table: str, rows: PointRows) -> None:
        if len(rows):
            await self._run(partial(_insert, table=statements.table_name(table), rows=rows))

    async def read_points(
        self,
        table: str,
        names: Sequence[str],
        data_keys: Sequence[int],
        contexts: Sequence[int] | None = None,
        *,
        steps: tuple[int | None, int | None] = (None, None),
    ) -> list[SeriesPoints]:
        context_parts = [None] if contexts is None else _parts(contexts, _KEYS_PER_QUERY)
        found: list[SeriesPoints] = []
        for some_names, some_keys, some_contexts in product(
            _parts(names, _NAMES_PER_QUERY), _parts(data_keys, _KEYS_PER_QUERY), context_parts
        ):
            statement = statements.select_points(table, some_names, some_keys, some_contexts, steps)
            found += await self._run(partial(_read, statement=statement))
        found.sort(key=attrgetter("name", "data_key", "context"))
        return found

    async def count_points(self, table: str) -> int:
        statement = statements.count_points(table)
        return int(await self._run(lambda client: client.command(statement)))

    async def warm_up(self) -> None:
        await self.execute(statements.create_scratch_table(_SCRATCH_TABLE))
        one, key = np.ones(1), np.ones(1, np.uint64)
        step = np.ones(1, np.int64)
        await self.insert_points(_SCRATCH_TABLE, PointRows(["warm up"], key, key, step, one, one, one, step))
        await self.read_points(_SCRATCH_TABLE, ["warm up"], [1])

    async def _run(self, call: Callable[[Any], _T]) -> _T:
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


def _address(dsn: str) -> dict[str, Any]:
    if dsn.startswith(_EMBEDDED):
        return {"interface": "chdb", "path": dsn.removeprefix(_EMBEDDED)}
    # A session would tie a client to one server and refuse its second call at a time.
    return {"dsn": dsn, "autogenerate_session_id": False}


def _parts(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    unique = list(dict.fromkeys(items))
    return [unique[start : start + size] for start in range(0, len(unique), size)]


def _insert(client: Any, table: str, rows: PointRows) -> None:
    columns: dict[str, Column | Sequence[str]] = {
        "name": rows.names,
        "run": rows.data_keys,
        "ctx": rows.contexts,
        "step": rows.steps,
        "value": rows.values,
        "epoch": rows.epochs,
        "time": rows.times,
        "version": rows.versions.view(np.uint64),
    }
    client.raw_insert(table, list(columns), encode_block(columns), fmt="Native")


def _read(client: Any, statement: str) -> list[SeriesPoints]:
    columns: dict[str, Any] = decode_blocks(client.raw_query(statement, fmt="Native"))
    if not columns:
        return []
    return list(split_series(*(columns[name] for name in ("name", "run", "ctx", "step", "value", "epoch", "time"))))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClickHouseError, OSError) as error:  # OSError: the embedded client hands an insert over in a temporary file
        raise StoreUnavailable(f"the column engine: {error}") from error
