import asyncio
from typing import TYPE_CHECKING

import pytest

from contracts.tables import Index
from stores.documents.port import Checkpoint, Condition, Documents, Put
from stores.errors import StoreUnavailable

if TYPE_CHECKING:
    from tests.contract.documents.conftest import OpenDocuments


async def test_writes_go_on_while_a_reader_stands_between_two_batches(documents: Documents) -> None:
    await documents.commit([Put("things", {"_id": f"{n:03}", "_v": 1}) for n in range(100)])
    seen = 0
    async for batch in documents.find("things", batch=10):
        seen += len(batch)
        await documents.commit([Put("things", {**document, "_v": 2}) for document in batch])
    assert seen == 100
    assert await documents.count("things", Condition("_v", "eq", 2)) == 100


async def test_a_search_may_be_left_early(documents: Documents) -> None:
    await documents.commit([Put("things", {"_id": f"{n:03}", "_v": 1}) for n in range(100)])
    search = documents.find("things", batch=10)
    assert len(await anext(search)) == 10
    await search.aclose()  # type: ignore[attr-defined]  # adapters are generators, which the port leaves open
    assert await documents.count("things") == 100


async def test_reads_and_writes_at_once_keep_every_document_whole(documents: Documents) -> None:
    async def write(worker: int) -> None:
        for version in range(1, 21):
            puts = [Put("things", {"_id": f"{worker}-{n}", "_v": version, "copy": version}) for n in range(5)]
            await documents.commit(puts, [Checkpoint("v1", 1, "runs", worker, version)])

    async def read() -> None:
        for _ in range(20):
            async for batch in documents.find("things", Condition("copy", "gt", 0), batch=3):
                assert all(document["copy"] == document["_v"] for document in batch)

    await asyncio.gather(write(0), write(1), read(), read(), read())
    assert await documents.count("things", Condition("_v", "eq", 20)) == 10
    assert {point.offset for point in (await documents.checkpoints("v1")).values()} == {20}


async def test_everything_is_there_when_the_place_is_opened_again(open_documents: "OpenDocuments") -> None:
    first = await open_documents()
    await first.ensure({"things": (Index(("rank",)),)})
    point = Checkpoint("v1", 1, "runs", 3, 41)
    await first.commit([Put("things", {"_id": str(n), "_v": 1, "rank": n}) for n in range(10)], [point])
    await first.close()
    second = await open_documents()
    await second.ensure({"things": (Index(("rank",)), Index(("late",)))})
    assert (await second.checkpoints("v1"))[point.topic_partition] == point
    assert await second.count("things", Condition("rank", "gte", 5)) == 5
    assert await second.count("things", Condition("late", "eq", None)) == 10
    await second.commit([Put("things", {"_id": "0", "_v": 2, "rank": 99, "late": "x"})])
    assert await second.count("things", Condition("late", "eq", "x")) == 1
    await second.close()


async def test_a_closed_place_is_unavailable_and_closes_twice(open_documents: "OpenDocuments") -> None:
    documents = await open_documents()
    await documents.check()
    await documents.close()
    await documents.close()
    with pytest.raises(StoreUnavailable):
        await documents.check()
    with pytest.raises(StoreUnavailable):
        await documents.commit([Put("things", {"_id": "a", "_v": 1})])
