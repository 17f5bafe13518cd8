import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest

from contracts.errors import NotFound, ValidationFailed
from stores.blobs.port import Blobs
from stores.blobs.removing import remove_unchanged
from stores.errors import StoreUnavailable

if TYPE_CHECKING:
    from tests.contract.blobs.conftest import OpenBlobs


async def streamed(blobs: Blobs, key: str, chunk_bytes: int) -> list[bytes]:
    return [chunk async for chunk in blobs.stream(key, chunk_bytes)]


@pytest.mark.parametrize("size", [0, 1, 100_000, 12 << 20])
async def test_a_blob_comes_back_whole(blobs: Blobs, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    await blobs.put("runs/a/0/image.png", data)
    assert await blobs.get("runs/a/0/image.png") == data
    assert await blobs.size("runs/a/0/image.png") == size
    assert b"".join(await streamed(blobs, "runs/a/0/image.png", 1 << 20)) == data


async def test_what_is_not_there_is_not_found(blobs: Blobs) -> None:
    await blobs.put("a/b", b"x")
    for key in ("none", "a", "a/c", "a/b/c"):
        assert await blobs.size(key) is None
        with pytest.raises(NotFound):
            await blobs.get(key)
        with pytest.raises(NotFound):
            await blobs.get(key, 1, 2)
        with pytest.raises(NotFound):
            await streamed(blobs, key, 10)


async def test_a_blob_is_replaced(blobs: Blobs) -> None:
    for data in (b"first", b"", b"the third is longer"):
        await blobs.put("key", data)
        assert await blobs.get("key") == data
        assert await blobs.size("key") == len(data)


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 4, b"0123"),
        (3, None, b"3456789"),
        (3, 5, b"34"),
        (8, 99, b"89"),
        (10, 12, b""),
        (99, None, b""),
        (5, 5, b""),
    ],
)
async def test_a_range_is_half_open_and_ends_with_the_blob(
    blobs: Blobs, start: int, stop: int | None, expected: bytes
) -> None:
    await blobs.put("key", b"0123456789")
    assert await blobs.get("key", start, stop) == expected


async def test_a_range_of_an_empty_blob_is_empty(blobs: Blobs) -> None:
    await blobs.put("key", b"")
    assert await blobs.get("key", 0, 10) == b""
    assert await streamed(blobs, "key", 10) == []


async def test_streams_come_in_chunks_of_the_size_that_was_asked_for(blobs: Blobs) -> None:
    await blobs.put("key", b"0123456789")
    assert await streamed(blobs, "key", 4) == [b"0123", b"4567", b"89"]


async def test_deleting_takes_the_key_and_what_is_below_and_no_neighbour(blobs: Blobs) -> None:
    keys = ["runs/a/0/x", "runs/a/0/y/z", "runs/a/0/y/[ab]*?", "runs/a/01/x", "runs/a/1/x", "runs/ab"]
    for key in keys:
        await blobs.put(key, key.encode())
    await blobs.delete("runs/a/0")
    assert [key for key in keys if await blobs.size(key) is not None] == keys[3:]
    await blobs.delete("runs/ab")
    assert await blobs.size("runs/ab") is None
    await blobs.delete("runs")
    assert [key for key in keys if await blobs.size(key) is not None] == []


async def test_a_pattern_in_a_key_is_no_pattern(blobs: Blobs) -> None:
    for key in ("p/*", "p/a", "p/[a]", "p/b?", "p/bb"):
        await blobs.put(key, key.encode())
    for pattern in ("p/*", "p/[a]", "p/b?"):
        assert await blobs.get(pattern) == pattern.encode()
        await blobs.delete(pattern)
    assert await blobs.get("p/a") == b"p/a"
    assert await blobs.get("p/bb") == b"p/bb"


async def test_deleting_what_is_not_there_is_no_error(blobs: Blobs) -> None:
    await blobs.put("a", b"x")
    for prefix in ("none", "none/below", "a/below"):
        await blobs.delete(prefix)
    assert await blobs.get("a") == b"x"


async def test_more_blobs_than_a_listing_holds_are_deleted(blobs: Blobs) -> None:
    keys = [f"many/{number}" for number in range(1_050)]
    for start in range(0, len(keys), 50):
        await asyncio.gather(*(blobs.put(key, b"x") for key in keys[start : start + 50]))
    await blobs.delete("many")
    assert await blobs.size(keys[0]) is None
    assert await blobs.size(keys[-1]) is None


@pytest.mark.parametrize(
    "key",
    ["with space", "naïve 日本 🙂", "%41%2e", "quo'te\"", "a+b&c=d#e;f", "~/home", ".hidden", "back\\slash", "a:b"],
)
async def test_unusual_names_are_kept_apart(blobs: Blobs, key: str) -> None:
    await blobs.put(f"names/{key}", key.encode())
    assert await blobs.get(f"names/{key}") == key.encode()
    assert await blobs.size("names/other") is None


@pytest.mark.parametrize(
    "key",
    [
        *["", "/", "/etc/passwd", "a//b", "a/", ".", "..", "../x", "a/../b", "a/./b", "a/.."],
        *["a\0b", "a\nb", "a\x7f", "\ud800", "x" * 256, "x/" * 500 + "x", "a?versionId=b"],
    ],
)
async def test_a_key_that_is_none_is_refused(blobs: Blobs, key: str) -> None:
    with pytest.raises(ValidationFailed):
        await blobs.put(key, b"x")
    with pytest.raises(ValidationFailed):
        await blobs.get(key)
    with pytest.raises(ValidationFailed):
        await streamed(blobs, key, 10)
    with pytest.raises(ValidationFailed):
        await blobs.size(key)
    with pytest.raises(ValidationFailed):
        await blobs.delete(key)


async def test_a_reader_sees_the_old_or_the_new_and_never_a_part(blobs: Blobs) -> None:
    versions = [bytes([number]) * 300_000 for number in range(10)]
    await blobs.put("key", versions[0])

    async def write() -> None:
        for version in versions[1:]:
            await blobs.put("key", version)

    async def read() -> None:
        for _ in range(20):
            assert await blobs.get("key") in versions

    await asyncio.gather(write(), read(), read())
    assert await blobs.get("key") == versions[-1]


async def test_blobs_are_there_when_the_place_is_opened_again(open_blobs: "OpenBlobs") -> None:
    first = await open_blobs()
    await first.put("a/b", b"x")
    await first.close()
    second = await open_blobs()
    assert await second.get("a/b") == b"x"
    await second.check()
    await second.close()


async def test_a_closed_place_is_unavailable_and_closes_twice(open_blobs: "OpenBlobs") -> None:
    blobs = await open_blobs()
    await blobs.check()
    await blobs.close()
    await blobs.close()
    with pytest.raises(StoreUnavailable):
        await blobs.check()
    with pytest.raises(StoreUnavailable):
        await blobs.get("a")


async def chunks_of(*chunks: bytes, then: BaseException | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


@pytest.mark.parametrize("chunks", [(), (b"",), (b"abc", b"", b"de"), (bytes(3 << 20),) * 7], ids=len)
async def test_a_blob_may_come_in_chunks(blobs: Blobs, chunks: tuple[bytes, ...]) -> None:
    whole = b"".join(chunks)
    assert await blobs.put_stream("runs/a/b", chunks_of(*chunks)) == len(whole)
    assert await blobs.get("runs/a/b") == whole


@pytest.mark.parametrize("size", [3, 9 << 20])
async def test_chunks_that_break_off_leave_what_was_there(blobs: Blobs, size: int) -> None:
    await blobs.put("old", b"old")
    for key in ("old", "new"):
        with pytest.raises(ZeroDivisionError):
            await blobs.put_stream(key, chunks_of(bytes(size), bytes(size), then=ZeroDivisionError()))
    assert await blobs.get("old") == b"old"
    assert await blobs.size("new") is None


async def test_a_cancelled_upload_leaves_nothing(blobs: Blobs) -> None:
    arrived = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield bytes(9 << 20)
        arrived.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(blobs.put_stream("new", endless()))
    await arrived.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert await blobs.size("new") is None


async def test_a_stream_replaces_a_blob_and_keys_are_checked(blobs: Blobs) -> None:
    await blobs.put("key", b"first")
    await blobs.put_stream("key", chunks_of(b"sec", b"ond"))
    assert await blobs.get("key") == b"second"
    with pytest.raises(ValidationFailed):
        await blobs.put_stream("a/../b", chunks_of(b"x"))


async def test_an_upload_address_takes_this_blob_alone(blobs: Blobs) -> None:
    url = await blobs.upload_url("runs/a b/ü.txt", 60)
    if url is None:  # a folder hands out none: the command API has a route for that
        return
    async with httpx.AsyncClient() as client:
        put = await client.put(url, content=b"data", headers={"Content-Type": "text/plain"})
        other = await client.put(url.replace("runs", "ruins"), content=b"data")
    assert (put.status_code, other.status_code) == (200, 403)
    assert await blobs.get("runs/a b/ü.txt") == b"data"


async def listed(blobs: Blobs, prefix: str) -> dict[str, int]:
    return {blob.key: blob.size async for batch in blobs.listed(prefix) for blob in batch}


async def test_what_is_below_a_prefix_is_listed_with_its_size_and_time(blobs: Blobs) -> None:
    began = time.time()
    for key in ("p/a", "p/b/c", "p/b/[d]", "pp/e", "q"):
        await blobs.put(key, key.encode())
    assert await listed(blobs, "p") == {"p/a": 3, "p/b/c": 5, "p/b/[d]": 7}
    assert await listed(blobs, "p/b") == {"p/b/c": 5, "p/b/[d]": 7}
    assert await listed(blobs, "p/a") == await listed(blobs, "none") == {}
    found = {blob async for batch in blobs.listed("p") for blob in batch}
    assert {await blobs.find(blob.key) for blob in found} == found
    assert await blobs.find("p/b") is await blobs.find("none") is None
    # A second, since S3 tells no parts of one.
    assert all(began - 1.0 <= blob.modified <= time.time() + 1.0 for blob in found)


async def test_more_blobs_than_a_page_holds_are_listed(blobs: Blobs) -> None:
    keys = [f"many/{number}" for number in range(1_050)]
    for start in range(0, len(keys), 50):
        await asyncio.gather(*(blobs.put(key, b"x") for key in keys[start : start + 50]))
    assert await listed(blobs, "many") == dict.fromkeys(keys, 1)


async def test_a_blob_that_was_written_again_is_not_removed(blobs: Blobs) -> None:
    await blobs.put("a", b"x")
    seen = await blobs.find("a")
    assert seen is not None
    await blobs.put("a", b"xx")
    assert not await remove_unchanged(blobs, seen)
    now = await blobs.find("a")
    assert now is not None
    assert await remove_unchanged(blobs, now)
    assert await blobs.find("a") is None
    assert not await remove_unchanged(blobs, now)
