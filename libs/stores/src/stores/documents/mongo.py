"""Documents and checkpoints in MongoDB, by pymongo's asynchronous client.

Every write carries its guard, so it may be applied again, late, or by a process that was thought dead. There is no
transaction: the writes go first and the checkpoints last, so that a crash in between leaves the checkpoints behind.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

import pymongo
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, ConfigurationError, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from contracts.tables import Index
from stores.documents.matching import full_order
from stores.documents.mongo_pieces import IN_PIECES, Pieces, is_in_pieces, taken_apart
from stores.documents.mongo_queries import doomed, filter_of, operation, segments
from stores.documents.port import Checkpoint, Document, Put, Remove, RemoveMatching, Where, Write
from stores.errors import StoreUnavailable

_CHECKPOINTS = "checkpoints"
_DUPLICATE_KEY = 11000
_NAMESPACE_EXISTS = 48
_SERVER_MILLISECONDS = 5_000  # to find a server; then the call fails and its caller tries again
_CHECK_SECONDS = 2.0
_IDS_PER_QUERY = 1_000


class _PlainInteger(TypeDecoder):
    """pymongo gives 64-bit numbers a type of its own; readers of documents expect int."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


_CODEC: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_PlainInteger()]))


class MongoDocuments:
    """The documents port over MongoDB. Get one by `open`."""

    def __init__(self, client: "AsyncMongoClient[Document]", database: "AsyncDatabase[Document]") -> None:
        self._client = client
        self._database = database
        self._pieces = Pieces(database, _CODEC)

    @classmethod
    async def open(cls, uri: str, database: str) -> Self:
        """Connect. Raises StoreUnavailable if no server answers within 5 s."""
        with _translated():
            client: AsyncMongoClient[Document] = AsyncMongoClient(uri, serverSelectionTimeoutMS=_SERVER_MILLISECONDS)
            # What was acknowledged survives the loss of a member: a checkpoint must not outlive its documents.
            durable = WriteConcern(w="majority", j=True)
            documents = cls(client, client.get_database(database, codec_options=_CODEC, write_concern=durable))
        try:
            await documents.check()
        except BaseException:
            await client.close()
            raise
        return documents

    async def close(self) -> None:
        """May be called twice."""
        await self._client.close()

    async def check(self) -> None:
        with _translated(), pymongo.timeout(_CHECK_SECONDS):
            await self._client.admin.command("ping")

    async def get(self, collection: str, id: str) -> Document | None:
        with _translated():
            found = await self._database[collection].find_one({"_id": id})
            return None if found is None else await self._whole(collection, found)

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Document] = {}
        with _translated():
            for start in range(0, len(wanted), _IDS_PER_QUERY):
                part = {"_id": {"$in": wanted[start : start + _IDS_PER_QUERY]}}
                documents = await self._database[collection].find(part).to_list()
                found.update({document["_id"]: document for document in await self._all_whole(collection, documents)})
        return found

    async def find(
        self,
        collection: str,
        where: Where | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
        batch: int = 500,
    ) -> AsyncIterator[list[Document]]:
        cursor = self._database[collection].find(
            filter_of(where), sort=list(full_order(sort)), limit=limit, batch_size=batch
        )
        async with cursor:
            while True:
                with _translated():
                    documents = await cursor.to_list(batch)
                    if not documents:
                        return
                    whole = await self._all_whole(collection, documents)
                if whole:
                    yield whole

    async def count(self, collection: str, where: Where | None = None) -> int:
        with _translated():
            return await self._database[collection].count_documents(filter_of(where))

    async def checkpoints(self, view: str) -> dict[TopicPartition, Checkpoint]:
        with _translated():
            stored = [document async for document in self._database[_CHECKPOINTS].find({"view": view})]
        found = [_to_checkpoint(document) for document in stored]
        return {checkpoint.topic_partition: checkpoint for checkpoint in found}

    async def ensure(self, collections: Mapping[str, Sequence[Index]]) -> None:
        with _translated():
            await self._pieces.ensure()
            for name, indexes in collections.items():
                await self._create(name)
                for index in indexes:
                    await self._database[name].create_index([(field, pymongo.ASCENDING) for field in index.fields])

    async def _create(self, collection: str) -> None:
        """Not asked for first: of processes that start at once another one may be faster in between."""
        try:
            await self._database.create_collection(collection, check_exists=False)
        except OperationFailure as error:
            if error.code != _NAMESPACE_EXISTS:
                raise

    async def commit(self, writes: Sequence[Write], checkpoints: Iterable[Checkpoint] = ()) -> None:
        moves = tuple(checkpoints)
        with _translated():
            await self._refuse_wrong(moves)
            for collection, segment in segments(writes):
                await self._apply(collection, segment)
            await self._pieces.remove_outdated(writes)
            for move in moves:
                await self._move(move)

    async def drop(self, collections: Iterable[str], view: str | None = None) -> None:
        with _translated():
            for collection in collections:
                await self._database[collection].drop()
                await self._pieces.drop(collection)
            if view is not None:
                await self._database[_CHECKPOINTS].delete_many({"view": view})

    async def _whole(self, collection: str, document: Document) -> Document | None:
        """As it was put; as it is by now, if it was replaced while it was put together, and None if it was removed."""
        while is_in_pieces(document):
            whole = await self._pieces.together(document)
            if whole is not None:
                return whole
            now = await self._database[collection].find_one({"_id": document["_id"]})
            if now is None:
                return None
            if now["_v"] == document["_v"]:
                raise StoreUnavailable(f"the document store: {collection}/{document['_id']} lacks pieces")
            document = now
        return document

    async def _all_whole(self, collection: str, documents: Iterable[Document]) -> list[Document]:
        whole = [await self._whole(collection, document) for document in documents]
        return [document for document in whole if document is not None]

    async def _apply(self, collection: str, segment: Sequence[Write]) -> None:
        stored = self._database[collection]
        bodies = [await self._prepared(write) for write in segment]
        try:
            operations = [operation(write, body) for write, body in zip(segment, bodies, strict=True)]
            await stored.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            errors = error.details["writeErrors"]
            if error.details.get("writeConcernErrors") or any(each["code"] != _DUPLICATE_KEY for each in errors):
                raise
            # These ids exist: mostly with a newer version, but a process thought dead may have made one meanwhile.
            refused = [each["index"] for each in errors]
            again = [operation(segment[index], bodies[index], may_insert=False) for index in refused]
            await stored.bulk_write(again, ordered=False)

    async def _prepared(self, write: Write) -> Mapping[str, Any]:
        """What is stored of a document that is put; nothing of others. Pieces come and go before it."""
        if isinstance(write, Put):
            stored, pieces = taken_apart(write.collection, write.document)
            await self._pieces.put(pieces)
            return stored
        if isinstance(write, RemoveMatching):
            in_pieces = {"$and": [doomed(write), IN_PIECES]}
            found = await self._database[write.collection].find(in_pieces, {"_id": 1}).to_list()
            removals = [Remove(write.collection, document["_id"], write.version) for document in found]
            await self._pieces.remove_outdated(removals)
        return {}

    async def _refuse_wrong(self, moves: Sequence[Checkpoint]) -> None:
        """Before anything is written. What slips in later is refused by the guard of the move itself."""
        stored = await self.get_many(_CHECKPOINTS, [_id_of(move) for move in moves])
        known = {id: _to_checkpoint(document) for id, document in stored.items()}
        for move in moves:
            last = known.get(_id_of(move))
            if last is not None and (last.generation != move.generation or last.offset > move.offset):
                raise _mismatch(move)
            known[_id_of(move)] = move

    async def _move(self, move: Checkpoint) -> None:
        document = {
            "_id": _id_of(move),
            "view": move.view,
            "generation": move.generation,
            "topic": move.topic,
            "partition": move.partition,
            "offset": move.offset,
        }
        guard = {"_id": document["_id"], "generation": move.generation, "offset": {"$lte": move.offset}}
        stored = self._database[_CHECKPOINTS]
        try:
            await stored.replace_one(guard, document, upsert=True)
        except DuplicateKeyError as error:
            # There is one: either beyond this move, or made by another process just now. The guard alone decides.
            if (await stored.replace_one(guard, document)).matched_count == 0:
                raise _mismatch(move) from error


def _id_of(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.view}/{checkpoint.topic}/{checkpoint.partition}"


def _to_checkpoint(document: Document) -> Checkpoint:
    return Checkpoint(
        document["view"], document["generation"], document["topic"], document["partition"], document["offset"]
    )


def _mismatch(move: Checkpoint) -> LogMismatch:
    return LogMismatch(
        f"the checkpoint of view {move.view} in {move.topic}[{move.partition}] cannot go to offset {move.offset} of"
        f" generation {move.generation}: the stored one is beyond it or of another generation"
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ConfigurationError:
        raise  # a wrong address: trying again cannot help
    except PyMongoError as error:
        raise StoreUnavailable(f"the document store: {error}") from error
