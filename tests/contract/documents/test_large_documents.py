"""Documents larger than a server takes at once: more than MongoDB's 16 MB."""

import asyncio
import random
import uuid
from typing import Any

import pymongo
import pytest
from tests.servers.mongo import MongoServer

from stores.documents.mongo import MongoDocuments
from stores.documents.mongo_pieces import taken_apart
from stores.documents.port import AllOf, Condition, Document, Documents, Put, Remove, RemoveMatching
from stores.errors import StoreUnavailable

MIB = 1 << 20


def large(version: int, id: str = "a", mib: int = 17, **fields: Any) -> Document:
    """Bytes and texts, in a field of their own and deeper, of more than `mib` altogether."""
    noise = random.Random(version).randbytes(MIB)
    return {
        "_id": id,
        "_v": version,
        "group": "x",
        "bytes": noise * (mib // 2),
        "object": {"texts": ["é" * (MIB // 2) for _ in range(mib - mib // 2)], "version": version},
        "nothing": None,
        **fields,
    }


async def test_a_large_document_comes_back_as_it_was_put_however_it_is_read(documents: Documents) -> None:
    put = large(1, mib=21)
    small = {"_id": "b", "_v": 1, "group": "x"}
    await documents.commit([Put("things", put), Put("things", small)])
    assert await documents.get("things", "a") == put
    assert await documents.get_many("things", ["a", "b"]) == {"a": put, "b": small}
    x = Condition("group", "eq", "x")
    assert [batch async for batch in documents.find("things", x)] == [[put, small]]
    assert [batch async for batch in documents.find("things", x, sort=[("_v", -1), ("_id", -1)], batch=1)] == [
        [small],
        [put],
    ]
    assert await documents.count("things", x) == 2
    assert [batch async for batch in documents.find("things", Condition("group", "ne", "x"))] == []


async def test_its_guard_is_that_of_every_document(documents: Documents) -> None:
    await documents.commit([Put("things", large(5, rank=1))])
    await documents.commit([Put("things", large(5, rank=2)), Put("things", large(4, mib=20, rank=3))])
    assert await documents.get("things", "a") == large(5, rank=1)
    await documents.commit([Put("things", {"_id": "a", "_v": 4})])
    await documents.commit([Remove("things", "a", 4), RemoveMatching("things", Condition("group", "eq", "x"), 4)])
    assert await documents.get("things", "a") == large(5, rank=1)
    await documents.commit([Put("things", large(6)), Put("things", large(7, mib=20))])
    assert await documents.get("things", "a") == large(7, mib=20)


@pytest.mark.parametrize(
    "write",
    [
        Put("things", {"_id": "a", "_v": 2}),
        Remove("things", "a", 1),
        RemoveMatching("things", AllOf((Condition("group", "eq", "x"), Condition("_id", "eq", "a"))), 1),
    ],
    ids=["put", "remove", "remove matching"],
)
async def test_it_gives_way_to_what_is_written_next(documents: Documents, write: Put | Remove | RemoveMatching) -> None:
    other = large(1, "b")
    await documents.commit([Put("things", large(1)), Put("things", other)])
    await documents.commit([write])
    assert await documents.get("things", "a") == (write.document if isinstance(write, Put) else None)
    assert await documents.get("things", "b") == other
    await documents.commit([Put("things", large(3))])
    assert await documents.get("things", "a") == large(3)


async def test_reading_goes_on_while_it_is_replaced_and_every_copy_is_whole(documents: Documents) -> None:
    await documents.commit([Put("things", large(1))])

    async def write() -> None:
        for version in range(2, 5):
            await documents.commit([Put("things", large(version))])

    writing = asyncio.create_task(write())
    while not writing.done():
        found = await documents.get("things", "a")
        assert found is not None
        assert found == large(found["_v"])
        async for batch in documents.find("things"):
            assert batch == [large(batch[0]["_v"])]
    await writing


@pytest.fixture
def database() -> str:
    return f"documents_{uuid.uuid4().hex}"


async def pieces(server: MongoServer, database: str) -> list[str]:
    """Of which documents and versions there are pieces."""
    async with pymongo.AsyncMongoClient[dict[str, Any]](server.uri) as client:
        found = await client[database]["pieces"].find({}, {"of": 1, "_v": 1}).to_list()
    return sorted({f"{piece['of']} {piece['_v']}" for piece in found})


@pytest.mark.mongo
async def test_pieces_that_no_document_names_go_with_the_next_write(mongo_server: MongoServer, database: str) -> None:
    documents = await MongoDocuments.open(mongo_server.uri, database)
    await documents.ensure({"things": ()})
    await documents.commit([Put("things", large(1)), Put("things", large(1, "b"))])
    assert await pieces(mongo_server, database) == ["things/a 1", "things/b 1"]
    async with pymongo.AsyncMongoClient[dict[str, Any]](mongo_server.uri) as client:
        _, left = taken_apart("things", large(2))  # of a process that died before it wrote the document
        await client[database]["pieces"].insert_many(left)
    assert await documents.get("things", "a") == large(1)
    await documents.commit([Put("things", large(3))])
    assert await pieces(mongo_server, database) == ["things/a 3", "things/b 1"]
    await documents.commit([Put("things", large(2))])  # a late write of a process thought dead
    assert await documents.get("things", "a") == large(3)
    await documents.commit([Put("things", {"_id": "a", "_v": 4, "group": "y"})])
    assert await pieces(mongo_server, database) == ["things/b 1"]
    await documents.commit([RemoveMatching("things", Condition("group", "eq", "x"), 1)])
    assert await pieces(mongo_server, database) == []
    await documents.close()


@pytest.mark.mongo
async def test_pieces_of_another_version_are_none_of_a_document(mongo_server: MongoServer, database: str) -> None:
    """As a server that replaces in place answers in between: the old version, with the names of the new pieces."""
    documents = await MongoDocuments.open(mongo_server.uri, database)
    old, _ = taken_apart("things", large(1))
    new, new_pieces = taken_apart("things", large(2))
    async with pymongo.AsyncMongoClient[dict[str, Any]](mongo_server.uri) as client:
        await client[database]["things"].insert_one({**old, "_pieces": new["_pieces"]})
        await client[database]["pieces"].insert_many(new_pieces)
    with pytest.raises(StoreUnavailable):
        await documents.get("things", "a")
    await documents.commit([Put("things", large(2))])
    assert await documents.get("things", "a") == large(2)
    await documents.close()


@pytest.mark.mongo
async def test_pieces_go_with_their_collection_and_with_no_other(mongo_server: MongoServer, database: str) -> None:
    documents = await MongoDocuments.open(mongo_server.uri, database)
    names = ["things_v1", "things_v10", "things_v2"]
    await documents.ensure(dict.fromkeys(names, ()))
    await documents.commit([Put(name, large(1)) for name in names])
    await documents.drop(["things_v1"])
    assert await pieces(mongo_server, database) == ["things_v10/a 1", "things_v2/a 1"]
    assert await documents.get("things_v1", "a") is None
    assert await documents.get("things_v10", "a") == large(1)
    await documents.close()
