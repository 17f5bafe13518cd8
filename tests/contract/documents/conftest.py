"""One place for documents per adapter; a place can be opened again."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from contracts.tables import Index
from stores.documents.port import Documents
from stores.documents.sqlite import SqliteDocuments

OpenDocuments = Callable[[], Awaitable[Documents]]

INDEXES = (Index(("rank", "_id")), Index(("group",)), Index(("active",)), Index(("group", "_v")))


@pytest.fixture(params=["sqlite", pytest.param("mongo", marks=pytest.mark.mongo)])
def open_documents(request: pytest.FixtureRequest, tmp_path: Path) -> OpenDocuments:
    """Opens the same place each time it is called; the caller closes."""
    if request.param == "sqlite":
        return lambda: SqliteDocuments.open(tmp_path / "documents.sqlite")
    from stores.documents.mongo import MongoDocuments

    uri = request.getfixturevalue("mongo_server").uri
    database = f"documents_{uuid.uuid4().hex}"
    return lambda: MongoDocuments.open(uri, database)


@pytest.fixture
async def documents(open_documents: OpenDocuments) -> AsyncIterator[Documents]:
    """An open place with the collection `things`, indexed by INDEXES."""
    opened = await open_documents()
    await opened.ensure({"things": INDEXES})
    yield opened
    await opened.close()
