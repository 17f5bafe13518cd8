"""A blob store that does not answer holds up nobody but who waits for a blob."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from stores.blobs.filesystem import FilesystemBlobs

_MORE_THAN_THERE_ARE_THREADS = 64
_PATIENCE_SECONDS = 10.0


async def test_others_find_a_thread_while_the_store_hangs(tmp_path: Path) -> None:
    blobs = await FilesystemBlobs.open(str(tmp_path))
    hanging = tmp_path / "hanging"
    os.mkfifo(hanging)  # whoever reads it waits for a writer
    waiting = [asyncio.create_task(blobs.get("hanging")) for _ in range(_MORE_THAN_THERE_ARE_THREADS)]
    await asyncio.sleep(0)  # each of them asks for its thread
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            assert await asyncio.to_thread(lambda: "at work") == "at work"
        assert not any(one.done() for one in waiting)
    finally:
        while not all(one.done() for one in waiting):
            with suppress(OSError):  # nobody reads it at this moment
                os.close(os.open(hanging, os.O_WRONLY | os.O_NONBLOCK))
            await asyncio.sleep(0)
        await asyncio.gather(*waiting, return_exceptions=True)  # a pipe is no blob, whatever they say of it
        await blobs.close()
