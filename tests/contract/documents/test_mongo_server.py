"""What only a store in another process can show."""

import asyncio
import gc
import uuid
from contextlib import suppress

import pymongo
import pytest
from tests.servers.mongo import MongoServer

from contracts.errors import LogMismatch
from contracts.tables import RUNS
from stores.documents.mongo import MongoDocuments
from stores.documents.port import Checkpoint, Put
from stores.errors import StoreUnavailable

pytestmark = pytest.mark.mongo


def a_database() -> str:
    return f"documents_{uuid.uuid4().hex}"


# PyMongo leaves the socket of a connection attempt open when the attempt is cancelled (sock_connect in pool_shared.py
# closes it on OSError alone); the collector's warning is raised here, and not in whichever test comes next.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_died_is_unavailable_until_it_is_back(mongo_server: MongoServer) -> None:
    documents = await MongoDocuments.open(mongo_server.uri, a_database())
    mongo_server.kill()
    try:
        for call in (documents.check(), documents.commit([Put("things", {"_id": "a", "_v": 1})])):
            with pytest.raises(StoreUnavailable):
                await call
        with pytest.raises(StoreUnavailable):
            await MongoDocuments.open(mongo_server.uri, a_database())
    finally:
        mongo_server.restart()
    await documents.commit([Put("things", {"_id": "a", "_v": 1})])
    assert await documents.get("things", "a") == {"_id": "a", "_v": 1}
    await documents.close()
    gc.collect()


async def test_the_newest_of_writers_at_once_wins_and_no_checkpoint_goes_back(mongo_server: MongoServer) -> None:
    database = a_database()
    writers = [await MongoDocuments.open(mongo_server.uri, database) for _ in range(4)]
    ids = [str(number) for number in range(20)]

    async def write(writer: MongoDocuments, version: int) -> None:
        await writer.commit([Put("things", {"_id": id, "_v": version}) for id in ids])
        with suppress(LogMismatch):  # another writer was faster
            await writer.commit([], [Checkpoint("v1", 1, "runs", 0, version)])

    for round in range(5):
        await asyncio.gather(*(write(writer, 4 * round + number) for number, writer in enumerate(writers, 1)))
    stored = await writers[0].get_many("things", ids)
    assert [stored[id]["_v"] for id in ids] == [20] * len(ids)
    (checkpoint,) = (await writers[0].checkpoints("v1")).values()
    assert checkpoint.offset == 20
    for writer in writers:
        await writer.close()


async def test_collections_and_indexes_are_made_once_and_named_fields_are_in_them(mongo_server: MongoServer) -> None:
    """Whoever starts makes them all, whether they are there or not: another one may make them at the same time."""
    database = a_database()
    for _ in range(2):
        documents = await MongoDocuments.open(mongo_server.uri, database)
        await documents.ensure({"runs_v1": RUNS.indexes, "things": ()})
        await documents.close()
    async with pymongo.AsyncMongoClient[dict[str, object]](mongo_server.uri) as client:
        indexes = await client[database]["runs_v1"].index_information()
    fields = {tuple(field for field, _ in index["key"]) for index in indexes.values()}
    assert fields == {("_id",), *(index.fields for index in RUNS.indexes)}
