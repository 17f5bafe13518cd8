"""A run that holds more than MongoDB takes in one document."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pymongo
import pytest
from tests.fakes import FakeColumns, FakeDocuments, FakeEventLog
from tests.servers.mongo import MongoServer

from contracts.envelope import Header, Recorded, encode
from contracts.events import ParamsSet, RunCreated, RunDeleted, RunEvent, RunPurged
from contracts.tables import RUNS as RUN_DOCUMENTS
from contracts.tables import ViewNames
from contracts.topics import RUNS, partition_for
from projector.bootstrap import in_process
from projector.recovery.dump import ViewDump, dump_view
from stores.documents.mongo import MongoDocuments
from stores.documents.port import Documents
from stores.eventlog.port import NewRecord

pytestmark = pytest.mark.mongo

V1 = ViewNames(1)
LARGE = 70 * 250_000  # bytes; each value is one that an event may hold


def record(run_id: str, event: RunEvent) -> NewRecord:
    header = Header(id=f"event-{uuid.uuid4().hex}", key=run_id, recorded_at=time.time())
    return NewRecord(RUNS, partition_for(RUNS, run_id), run_id, encode(Recorded(header=header, event=event)))


async def follow(log: FakeEventLog, documents: Documents, columns: FakeColumns) -> ViewDump:
    projector = await in_process(log, log, documents, columns)
    await projector.start()
    assert await projector.caught_up(60)
    await projector.stop()
    return await dump_view(documents, columns, V1)


@pytest.fixture
def database() -> str:
    return f"large_{uuid.uuid4().hex}"


@pytest.fixture
async def documents(mongo_server: MongoServer, database: str) -> AsyncIterator[MongoDocuments]:
    opened = await MongoDocuments.open(mongo_server.uri, database)
    yield opened
    await opened.close()


async def test_it_is_a_run_as_any_other_and_a_purge_leaves_nothing(
    mongo_server: MongoServer, documents: MongoDocuments, database: str
) -> None:
    log, columns = FakeEventLog(), FakeColumns()
    await log.append(
        [
            *(record("large", ParamsSet(path=(f"p{n}",), value=f"{n:02}" + "x" * (LARGE // 70))) for n in range(70)),
            record("small", RunCreated(at=1.0)),
        ]
    )
    found = await follow(log, documents, columns)
    assert found.differences(await follow(log, FakeDocuments(), FakeColumns())) == []
    assert max(len(document) for document in found.documents["run_states"].values()) > LARGE
    assert {document["_id"] async for batch in documents.find(V1.collection(RUN_DOCUMENTS)) for document in batch} == {
        "large",
        "small",
    }
    await log.append([record("large", RunDeleted()), record("large", RunPurged(incarnation=1))])
    purged = await follow(log, documents, columns)
    assert purged.differences(await follow(log, FakeDocuments(), FakeColumns())) == []
    async with pymongo.AsyncMongoClient[dict[str, Any]](mongo_server.uri) as client:
        assert await client[database]["pieces"].count_documents({}) == 0
