"""Changes inside one open transaction of the writing connection: collections, guarded writes, checkpoints."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import msgspec

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from contracts.tables import Index
from stores.documents.port import Checkpoint, Document, Put, Remove, RemoveMatching, Write
from stores.documents.sqlite_queries import Cell, cell, column, quoted
from stores.documents.sqlite_reading import Search

CHECKPOINTS = "_checkpoints"
PLAIN_FIELDS = ("_id", "_v")

_COLUMN_PREFIX = "f_"

Fields = tuple[str, ...]
Collections = dict[str, Fields]
"""The fields that have a column, by collection."""


def create_checkpoints(connection: sqlite3.Connection) -> None:
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {CHECKPOINTS} (view TEXT, topic TEXT, partition INTEGER,"
        " generation INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (view, topic, partition))"
    )


def stored_collections(connection: sqlite3.Connection) -> Collections:
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> ?", (CHECKPOINTS,))
    return {name: _fields_of(connection, name) for (name,) in names.fetchall()}


def ensure(connection: sqlite3.Connection, collections: Mapping[str, Sequence[Index]]) -> None:
    """Add the missing tables, columns and indexes; a new column is filled from the documents that are there."""
    for collection, indexes in collections.items():
        fields = _ensure_table(connection, collection)
        indexed = dict.fromkeys(field for index in indexes for field in index.fields)
        missing = [field for field in indexed if field not in fields]
        for field in missing:
            connection.execute(f"ALTER TABLE {quoted(collection)} ADD COLUMN {column(field)}")
        if missing:
            _fill(connection, collection, missing)
        for index in indexes:
            name = quoted(f"{collection}:{','.join(index.fields)}")
            names = ", ".join(column(field) for field in index.fields)
            connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(collection)} ({names})")


def drop(connection: sqlite3.Connection, collections: Iterable[str], view: str | None) -> None:
    for collection in collections:
        connection.execute(f"DROP TABLE IF EXISTS {quoted(collection)}")
    if view is not None:
        connection.execute(f"DELETE FROM {CHECKPOINTS} WHERE view = ?", (view,))  # noqa: S608  # a constant name


def read_checkpoints(connection: sqlite3.Connection, view: str) -> dict[TopicPartition, Checkpoint]:
    rows = connection.execute(
        f"SELECT generation, topic, partition, offset FROM {CHECKPOINTS} WHERE view = ?",  # noqa: S608  # a constant name
        (view,),
    )
    found = [Checkpoint(view, *row) for row in rows]
    return {checkpoint.topic_partition: checkpoint for checkpoint in found}


def write(connection: sqlite3.Connection, writes: Sequence[Write], known: Collections) -> bool:
    """Apply the guarded writes in order; neighbours of one kind share a statement. True if a collection was made."""
    made = False
    for (kind, collection), group in groupby(writes, lambda each: (type(each), each.collection)):
        if collection not in known:
            known = {**known, collection: _ensure_table(connection, collection)}
            made = True
        fields = known[collection]
        if kind is Put:
            rows = (_row(each.document, fields) for each in group if isinstance(each, Put))
            connection.executemany(_put_sql(collection, fields), rows)
        else:
            removals = [pair for each in group for pair in _removed(connection, each, fields)]
            statement = f"DELETE FROM {quoted(collection)} WHERE _id = ? AND _v <= ?"  # noqa: S608  # a quoted name
            connection.executemany(statement, removals)
    return made


def _removed(connection: sqlite3.Connection, write: Write, fields: Fields) -> list[tuple[str, int]]:
    """Ids and versions of the documents that a removal is about."""
    if isinstance(write, Remove):
        return [(write.id, write.version)]
    if isinstance(write, RemoveMatching):
        search = Search(write.collection, write.where, fields, ())
        return [(id, write.version) for id in search.ids_in_order(connection)]
    return []


def move_checkpoint(connection: sqlite3.Connection, checkpoint: Checkpoint) -> None:
    """Raises LogMismatch for a move back, or away from the stored generation."""
    moved = connection.execute(
        f"INSERT INTO {CHECKPOINTS} (view, topic, partition, generation, offset) VALUES (?, ?, ?, ?, ?)"  # noqa: S608  # a constant name
        " ON CONFLICT (view, topic, partition) DO UPDATE SET offset = excluded.offset"
        " WHERE excluded.generation = generation AND excluded.offset >= offset",
        (checkpoint.view, checkpoint.topic, checkpoint.partition, checkpoint.generation, checkpoint.offset),
    )
    if moved.rowcount != 1:
        raise LogMismatch(
            f"the checkpoint of view {checkpoint.view} in {checkpoint.topic}[{checkpoint.partition}] cannot go to"
            f" offset {checkpoint.offset} of generation {checkpoint.generation}: the stored one is beyond it"
            " or of another generation"
        )


def _put_sql(collection: str, fields: Fields) -> str:
    names = [column(field) for field in fields]
    marks = ", ".join("?" * (len(names) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in [*names, "body"] if name != column("_id"))
    return (
        f"INSERT INTO {quoted(collection)} ({', '.join(names)}, body) VALUES ({marks})"  # noqa: S608  # quoted names
        f" ON CONFLICT (_id) DO UPDATE SET {changes} WHERE excluded._v > _v"
    )


def _row(document: Document, fields: Fields) -> list[Cell]:
    return [*(cell(document.get(field)) for field in fields), msgspec.msgpack.encode(document)]


def _ensure_table(connection: sqlite3.Connection, collection: str) -> Fields:
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {quoted(collection)}"
        " (_id TEXT PRIMARY KEY NOT NULL, _v INTEGER NOT NULL, body BLOB NOT NULL)"
    )
    return _fields_of(connection, collection)


def _fields_of(connection: sqlite3.Connection, collection: str) -> Fields:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(collection)})")]
    return (*PLAIN_FIELDS, *(name.removeprefix(_COLUMN_PREFIX) for name in names if name.startswith(_COLUMN_PREFIX)))


def _fill(connection: sqlite3.Connection, collection: str, fields: Sequence[str]) -> None:
    changes = ", ".join(f"{column(field)} = ?" for field in fields)
    change = f"UPDATE {quoted(collection)} SET {changes} WHERE _id = ?"  # noqa: S608  # quoted names, bound values
    ids = connection.execute(f"SELECT _id FROM {quoted(collection)}").fetchall()  # noqa: S608  # a quoted name
    for (id,) in ids:
        body = f"SELECT body FROM {quoted(collection)} WHERE _id = ?"  # noqa: S608  # a quoted name
        document: Document = msgspec.msgpack.decode(connection.execute(body, (id,)).fetchone()[0])
        connection.execute(change, (*(cell(document.get(field)) for field in fields), id))
