"""One place for blobs per adapter; a place can be opened again."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from stores.blobs.filesystem import FilesystemBlobs
from stores.blobs.port import Blobs

OpenBlobs = Callable[[], Awaitable[Blobs]]


@pytest.fixture(params=["folder", "s3"])
def open_blobs(request: pytest.FixtureRequest, tmp_path: Path) -> OpenBlobs:
    """Opens the same empty place each time it is called; the caller closes."""
    if request.param == "folder":
        return lambda: FilesystemBlobs.open(str(tmp_path / "blobs"))
    server = request.getfixturevalue("s3_server")
    address = f"s3://{server.bucket}/blobs-{uuid.uuid4().hex}"
    return lambda: FilesystemBlobs.open(address, server.storage_options())


@pytest.fixture
async def blobs(open_blobs: OpenBlobs) -> AsyncIterator[Blobs]:
    opened = await open_blobs()
    yield opened
    await opened.close()
