"""Documents and checkpoints, as services see them. Adapters: `sqlite.py` (embedded), `mongo.py` (cluster).

A document is a plain object with text keys that hold no dot and begin with no dollar sign; values are None, bool,
signed 64-bit int, float, text, bytes, lists and objects of these. `_id` is text; `_v` is the version of the event
that last changed it. The list of operations is closed, so that MongoDB-compatible servers serve. A document may be of
any size; conditions and orders are about its small fields.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.position import TopicPartition
from contracts.tables import Index

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """Replace or create the document, unless the stored one has the same or a newer `_v`."""

    collection: str
    document: Document


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete by id, unless the stored document has a newer `_v` than this version."""

    collection: str
    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last record of a partition whose effect one view holds. It never moves back inside a generation."""

    view: str
    generation: int
    topic: str
    partition: int
    offset: int

    @property
    def topic_partition(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field of the document's top level against a value: eq, ne, in, lt, lte, gt, gte; `contains` of a list field.

    None equals a missing field; True is not 1. Order comparisons are between numbers or between texts. Of a field that
    holds a list only `contains` is defined.
    """

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    of: tuple["Where", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple["Where", ...]


Where = Condition | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class RemoveMatching:
    """Delete every document that matches, but those with a newer `_v` than this version."""

    collection: str
    where: Where
    version: int


Write = Put | Remove | RemoveMatching


class DocumentReader(Protocol):
    async def get(self, collection: str, id: str) -> Document | None: ...

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        """The documents that exist, by id."""
        ...

    def find(
        self,
        collection: str,
        where: Where | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
        batch: int = 500,
    ) -> AsyncIterator[list[Document]]:
        """Batches of matching documents in the order of `sort` ((field, 1 or -1) pairs); limit 0 is no limit.

        Missing and None come before numbers, these before texts; equal ones are in the order of their ids. An order
        by indexed fields is cheap; for any other SQLite holds the sort keys of all matches in memory. A batch is never
        empty and is read as of one moment; a collection that does not exist has none.
        """
        ...

    async def count(self, collection: str, where: Where | None = None) -> int: ...

    async def checkpoints(self, view: str) -> dict[TopicPartition, Checkpoint]:
        """The checkpoints of a view; partitions of which nothing was read are absent."""
        ...

    async def check(self) -> None:
        """Raise StoreUnavailable if the store does not answer now. Cheap: readiness calls it."""
        ...

    async def close(self) -> None: ...


class Documents(DocumentReader, Protocol):
    """Reads and writes. One process writes a collection at a time; a zombie's writes change nothing."""

    async def ensure(self, collections: Mapping[str, Sequence[Index]]) -> None:
        """Create what is missing of these collections (by stored name) and their indexes."""
        ...

    async def commit(self, writes: Sequence[Write], checkpoints: Iterable[Checkpoint] = ()) -> None:
        """Apply the writes in their order, then the checkpoints; return when they are durable.

        SQLite: one transaction. MongoDB: guarded writes in order, checkpoints last, so that a crash in between leaves
        checkpoints behind the documents and never ahead; applying the same writes again changes nothing. A checkpoint
        that would move back, or one of another generation than the stored one, raises LogMismatch and changes nothing.
        """
        ...

    async def drop(self, collections: Iterable[str], view: str | None = None) -> None:
        """Remove collections that exist, and the checkpoints of `view`."""
        ...
