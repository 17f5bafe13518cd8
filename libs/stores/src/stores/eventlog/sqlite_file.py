"""The file of the embedded log: its tables, settings and errors. No threads here."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import LogMismatch, TallybookError
from contracts.position import TopicPartition
from stores.errors import LogMisconfigured, StoreUnavailable
from stores.eventlog.partitions import ALL_PARTITIONS

_APPLICATION_ID = 0x54424C47  # "TBLG"
_FORMAT = 1
_BUSY_SECONDS = 5.0  # somebody else, such as a backup, may hold a lock for a moment
_WAL_LIMIT_BYTES = 64 << 20  # the write-ahead log is cut back to this after a burst
_NOT_A_SOUND_LOG = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def table_of(partition: TopicPartition) -> str:
    """The quoted name of a partition's table.

    One table for each partition, its offset as row id: every insert is at the right edge of a tree, so pages are full
    and a record costs about 12 bytes beside its key and value.
    """
    return f'"{partition.topic}/{partition.partition}"'


def open_writing(path: Path) -> sqlite3.Connection:
    """The connection that appends; makes the file if it is not there. Whatever thread uses it, only one at a time.

    In WAL mode `synchronous=FULL` syncs the write-ahead log before COMMIT returns; on macOS `fullfsync` makes that
    reach the disk. Raises LogMismatch for a file that is no log, LogMisconfigured for a log of another shape.
    """
    with translated():
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        _sync_folder(path.parent)
        return connection


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads. Whatever thread uses it, only one at a time."""
    with translated():
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        return connection


def read_generation(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM generation").fetchone()[0])


def read_end_offsets(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
    """The next offset of each partition, all of one moment."""
    columns = [f"(SELECT coalesce(max(offset) + 1, 0) FROM {table_of(p)})" for p in ALL_PARTITIONS]  # noqa: S608 - our own names
    row = connection.execute("SELECT " + ", ".join(columns)).fetchone()
    return dict(zip(ALL_PARTITIONS, row, strict=True))


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from error
    except OSError as error:
        raise StoreUnavailable(f"the log's file: {error}") from error


def translate(error: sqlite3.Error) -> TallybookError:
    """Full disk, I/O errors and locks may pass; a damaged file does not."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _NOT_A_SOUND_LOG:
        return LogMismatch(f"the log's file is damaged or no log: {error}; restore it from a backup")
    return StoreUnavailable(f"the log's file: {error}")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise LogMisconfigured(f"{path} cannot have a write-ahead log; put the data folder on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _create_or_check(connection, path)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _create_or_check(connection: sqlite3.Connection, path: Path) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    wanted = {table_of(p).strip('"') for p in ALL_PARTITIONS}
    if not tables:
        _create(connection)
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
        raise LogMismatch(f"{path} is no log of Tallybook")
    written_as = connection.execute("PRAGMA user_version").fetchone()[0]
    if written_as != _FORMAT:
        raise LogMisconfigured(
            f"{path} has format {written_as}, this version reads {_FORMAT}: run the one that wrote it"
        )
    if tables - {"generation"} != wanted:
        raise LogMisconfigured(
            f"{path} has other partitions than this version; their number never changes within one generation: "
            "export the log and import it into a new data folder"
        )


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_FORMAT}")
    connection.execute("CREATE TABLE generation (only INTEGER PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL)")
    connection.execute("INSERT INTO generation VALUES (1, 1)")
    for partition in ALL_PARTITIONS:
        connection.execute(
            f"CREATE TABLE {table_of(partition)} (offset INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL)"
        )


def _sync_folder(folder: Path) -> None:
    """SQLite syncs a new file, not its name in the folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
