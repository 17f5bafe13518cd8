"""Reads of one SQLite connection, each ended before it returns: a caller never holds a snapshot open."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from stores.documents.matching import Rank, matches
from stores.documents.port import Document, Where
from stores.documents.sqlite_queries import Cell, Fragment, both, column, order_sql, quoted, where_sql

_IDS_PER_QUERY = 500

_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Search:
    """Which documents of a collection, in which order. `fields`: the collection's columns."""

    collection: str
    where: Where | None
    fields: tuple[str, ...]
    order: tuple[tuple[str, int], ...]

    @property
    def has_columns_for_order(self) -> bool:
        return all(field in self.fields for field, _ in self.order)

    def page(
        self, connection: sqlite3.Connection, after: Fragment, size: int
    ) -> tuple[list[Document], list[Cell] | None]:
        """At most `size` next documents, and where they end: the order's cells of the last one, or None at the end."""
        condition = self._condition
        wanted = both(condition, after)
        names = ", ".join(column(field) for field, _ in self.order)
        statement = (
            f"SELECT {names}, body FROM {quoted(self.collection)} WHERE {wanted.sql} ORDER BY {order_sql(self.order)}"  # noqa: S608  # quoted names, bound values
        )
        if condition.exact:
            statement += f" LIMIT {size}"
        documents: list[Document] = []
        last: list[Cell] | None = None
        with closing(connection.execute(statement, wanted.parameters)) as rows:
            for *cells, body in rows:
                document = _decode(body)
                if condition.exact or self.accepts(document):
                    documents.append(document)
                    last = cells
                if len(documents) == size:
                    return documents, last
        return documents, None

    def ids_in_order(self, connection: sqlite3.Connection) -> list[str]:
        """All matching ids, sorted by fields that no column holds."""
        keys = [
            ([Rank(document.get(field), direction) for field, direction in self.order], document["_id"])
            for document in self._matching(connection)
        ]
        return [id for _, id in sorted(keys, key=lambda key: key[0])]

    def count(self, connection: sqlite3.Connection) -> int:
        condition = self._condition
        if not condition.exact:
            return sum(1 for _ in self._matching(connection))
        statement = f"SELECT count(*) FROM {quoted(self.collection)} WHERE {condition.sql}"  # noqa: S608  # quoted names, bound values
        return int(connection.execute(statement, condition.parameters).fetchone()[0])

    def accepts(self, document: Document) -> bool:
        return self.where is None or matches(self.where, document)

    @property
    def _condition(self) -> Fragment:
        return where_sql(self.where, self.fields)

    def _matching(self, connection: sqlite3.Connection) -> Iterator[Document]:
        condition = self._condition
        statement = f"SELECT body FROM {quoted(self.collection)} WHERE {condition.sql}"  # noqa: S608  # quoted names, bound values
        with closing(connection.execute(statement, condition.parameters)) as rows:
            documents = (_decode(body) for (body,) in rows)
            yield from (document for document in documents if condition.exact or self.accepts(document))


def read_ids(connection: sqlite3.Connection, collection: str, ids: Sequence[str]) -> dict[str, Document]:
    """The documents that exist, by id, as of one moment."""
    found: dict[str, Document] = {}
    rest = iter(dict.fromkeys(ids))
    with snapshot(connection):
        while part := list(islice(rest, _IDS_PER_QUERY)):
            marks = ", ".join("?" * len(part))
            statement = f"SELECT _id, body FROM {quoted(collection)} WHERE _id IN ({marks})"  # noqa: S608  # quoted names, bound values
            found.update((id, _decode(body)) for id, body in connection.execute(statement, part))
    return found


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()
