"""A small pool of connections to one embedded engine; each request borrows one, with its own database and settings."""

import queue
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chdb
from deploy.dev.clickhouse_http.errors import TOO_MANY_QUERIES, QueryFailed
from deploy.dev.clickhouse_http.statements import RowsToInsert, Statement

_WAIT_FOR_A_CONNECTION_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """A finished statement: its bytes in the wanted format and what the engine counted."""

    body: bytes
    rows: int
    bytes_counted: int
    elapsed_seconds: float


class Engine:
    """The engine of one data folder. Only one process may hold a folder; any number of threads may call."""

    def __init__(self, folder: Path, *, connections: int, max_threads: int, max_memory_bytes: int) -> None:
        """Open `folder` (made if missing). `max_threads` and `max_memory_bytes` bound one query."""
        self._spool = folder / "spool"
        self._spool.mkdir(parents=True, exist_ok=True)
        for left_over in self._spool.iterdir():  # a killed server leaves the rows of unfinished inserts
            left_over.unlink()
        self._address = f"{folder / 'engine'}?max_threads={max_threads}&max_memory_usage={max_memory_bytes}"
        self._idle: queue.LifoQueue[_Session] = queue.LifoQueue()
        self._size = connections
        for _ in range(connections):
            self._idle.put(_Session(self._address))

    def close(self) -> None:
        """Close the idle connections; one that is in use ends with the process."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def warm_up(self) -> None:
        """Pay the engine's first insert and select (seconds on a cold machine) before anyone waits for them."""
        with self._session("default", {}) as session:
            session.run(b"CREATE TABLE IF NOT EXISTS default.warm_up (n UInt8) ENGINE = MergeTree ORDER BY n", {})
            session.run(b"INSERT INTO default.warm_up VALUES (1)", {})
            session.run(b"SELECT n FROM default.warm_up", {})
            session.run(b"DROP TABLE default.warm_up", {})

    def run(self, statement: Statement) -> Answer:
        """Run to the end, answer in memory. Raises QueryFailed."""
        with self._session(statement.database, statement.settings) as session:
            if statement.rows is not None:
                return self._insert(session, statement.rows, statement.parameters)
            return session.run(statement.sql, statement.parameters, statement.format or "TabSeparated")

    @contextmanager
    def stream(self, statement: Statement) -> Iterator[Iterator[bytes]]:
        """Blocks of a SELECT as the engine makes them; leaving early stops the query. Raises QueryFailed."""
        with (
            self._session(statement.database, statement.settings) as session,
            closing(session.blocks(statement.sql, statement.parameters, statement.format or "Native")) as blocks,
        ):
            yield blocks

    def _insert(self, session: "_Session", rows: RowsToInsert, parameters: Mapping[str, str]) -> Answer:
        # The embedded engine takes rows of a binary format only from a file.
        with tempfile.NamedTemporaryFile(dir=self._spool) as spooled:
            spooled.write(rows.rows)
            spooled.flush()
            source = b" FROM INFILE " + _quoted(spooled.name).encode() + b" COMPRESSION 'none' "
            return session.run(rows.target + source + rows.settings + b" FORMAT " + rows.format, parameters)

    @contextmanager
    def _session(self, database: str, settings: Mapping[str, str]) -> Iterator["_Session"]:
        try:
            session = self._idle.get(timeout=_WAIT_FOR_A_CONNECTION_SECONDS)
        except queue.Empty:
            reason = f"Too many simultaneous queries. Maximum: {self._size}"
            raise QueryFailed.of(TOO_MANY_QUERIES, reason) from None
        try:
            session = self._prepared(session, database, settings)
            yield session
        finally:
            self._idle.put(session)

    def _prepared(self, session: "_Session", database: str, settings: Mapping[str, str]) -> "_Session":
        """`session` without the settings of its last request; a fresh one where they cannot be taken back."""
        try:
            session.forget_settings(settings)
        except QueryFailed:  # e.g. after `readonly=1`, which forbids every further SET
            session.close()
            session = _Session(self._address)
        session.use(database)
        session.apply_settings(settings)
        return session


class _Session:
    """One connection and what is set on it, so that equal requests in a row cost no further statement."""

    def __init__(self, address: str) -> None:
        self._connection: Any = chdb.connect(address)  # its annotations know no bytes, its code takes them
        self._database = "default"
        self._settings: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def forget_settings(self, wanted: Mapping[str, str]) -> None:
        """Give every setting that is not in `wanted` its default again."""
        for name in [name for name in self._settings if name not in wanted]:
            self.run(f"SET {_identifier(name)} = DEFAULT".encode(), {})
            del self._settings[name]

    def use(self, database: str) -> None:
        if database != self._database:
            self.run(f"USE {_identifier(database)}".encode(), {})
            self._database = database

    def apply_settings(self, wanted: Mapping[str, str]) -> None:
        # `readonly` last: it forbids the others.
        for name, value in sorted(wanted.items(), key=lambda item: item[0] == "readonly"):
            if self._settings.get(name) != value:
                self.run(f"SET {_identifier(name)} = {_quoted(value)}".encode(), {})
                self._settings[name] = value

    def run(self, sql: bytes, parameters: Mapping[str, str], answer_format: str = "TabSeparated") -> Answer:
        try:
            result = self._connection.query(sql, answer_format, params=dict(parameters))
        except RuntimeError as failure:
            raise QueryFailed(str(failure)) from failure
        return Answer(result.bytes() or b"", result.rows_read(), result.bytes_read(), result.elapsed())

    def blocks(self, sql: bytes, parameters: Mapping[str, str], answer_format: str) -> Generator[bytes, None, None]:
        try:
            result = self._connection.send_query(sql, answer_format, params=dict(parameters))
        except RuntimeError as failure:
            raise QueryFailed(str(failure)) from failure
        try:
            for block in result:
                yield block.bytes()
        except RuntimeError as failure:
            raise QueryFailed(str(failure)) from failure
        finally:
            result.close()  # before the end this cancels the query


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
