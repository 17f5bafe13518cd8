"""Documents and checkpoints in memory, written in one transaction or one by one."""

import copy
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from tests.fakes.faults import Faults

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from contracts.tables import Index
from stores.documents.matching import Rank, full_order, matches
from stores.documents.port import Checkpoint, Document, Put, RemoveMatching, Where, Write

_Collections = dict[str, dict[str, Document]]
_Checkpoints = dict[tuple[str, TopicPartition], Checkpoint]


class FakeDocuments:
    """`one_by_one`: each write takes effect alone, as with a store without transactions.

    `faults` is reached as `documents.get`, `documents.before` (a commit begins), `documents.write` (before each write,
    one by one only), `documents.checkpoint` and `documents.after`.
    """

    def __init__(self, *, one_by_one: bool = False, faults: Faults | None = None) -> None:
        self._one_by_one = one_by_one
        self._faults = faults or Faults()
        self._collections: _Collections = {}
        self._checkpoints: _Checkpoints = {}
        self.closed = False

    async def get(self, collection: str, id: str) -> Document | None:
        return (await self.get_many(collection, [id])).get(id)

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        self._faults.reach("documents.get")
        stored = self._collections.get(collection, {})
        return {id: copy.deepcopy(stored[id]) for id in ids if id in stored}

    async def find(
        self,
        collection: str,
        where: Where | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
        batch: int = 500,
    ) -> AsyncIterator[list[Document]]:
        found = [
            each for each in self._collections.get(collection, {}).values() if where is None or matches(where, each)
        ]
        order = full_order(sort)
        found.sort(key=lambda each: [Rank(each.get(field), direction) for field, direction in order])
        found = found[:limit] if limit else found
        for start in range(0, len(found), batch):
            yield copy.deepcopy(found[start : start + batch])

    async def count(self, collection: str, where: Where | None = None) -> int:
        stored = self._collections.get(collection, {}).values()
        return sum(1 for each in stored if where is None or matches(where, each))

    async def checkpoints(self, view: str) -> dict[TopicPartition, Checkpoint]:
        self._faults.reach("documents.get")
        return {partition: each for (name, partition), each in self._checkpoints.items() if name == view}

    async def check(self) -> None:
        self._faults.reach("documents.check")

    async def close(self) -> None:
        self.closed = True

    async def ensure(self, collections: Mapping[str, Sequence[Index]]) -> None:
        for name in collections:
            self._collections.setdefault(name, {})

    async def commit(self, writes: Sequence[Write], checkpoints: Iterable[Checkpoint] = ()) -> None:
        moves = list(checkpoints)
        self._faults.reach("documents.before")
        self._check(moves)
        for write in writes:
            if self._one_by_one:
                self._faults.reach("documents.write")
            self._apply(copy.deepcopy(write))
        if self._one_by_one:
            self._faults.reach("documents.checkpoint")
        self._checkpoints.update(((move.view, move.topic_partition), move) for move in moves)
        self._faults.reach("documents.after")

    async def drop(self, collections: Iterable[str], view: str | None = None) -> None:
        for name in collections:
            self._collections.pop(name, None)
        self._checkpoints = {key: each for key, each in self._checkpoints.items() if key[0] != view}

    def _check(self, moves: Sequence[Checkpoint]) -> None:
        for move in moves:
            stored = self._checkpoints.get((move.view, move.topic_partition))
            if stored is None:
                continue
            if stored.generation != move.generation or stored.offset > move.offset:
                raise LogMismatch(f"{move} cannot follow {stored}")

    def _apply(self, write: Write) -> None:
        collection = self._collections.setdefault(write.collection, {})
        if isinstance(write, Put):
            known = collection.get(write.document["_id"])
            if known is None or known["_v"] < write.document["_v"]:
                collection[write.document["_id"]] = write.document
            return
        if isinstance(write, RemoveMatching):
            gone = [id for id, each in collection.items() if each["_v"] <= write.version and matches(write.where, each)]
            for id in gone:
                del collection[id]
            return
        known = collection.get(write.id)
        if known is not None and known["_v"] <= write.version:
            del collection[write.id]
