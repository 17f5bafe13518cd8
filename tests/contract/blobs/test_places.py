"""What one kind of place has alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.servers.s3 import S3Server

from stores.blobs.filesystem import FilesystemBlobs
from stores.errors import StoreUnavailable


async def test_a_folder_is_made_with_what_lies_above_it_and_holds_no_leftovers(tmp_path: Path) -> None:
    blobs = await FilesystemBlobs.open(f"file://{tmp_path}/deep/er")
    await blobs.put("a/b", b"1")
    await blobs.put("a/b", b"22")
    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert files == ["deep/er/a/b"]
    assert (tmp_path / "deep/er/a/b").read_bytes() == b"22"
    await blobs.close()


async def test_a_folder_that_went_away_is_unavailable(tmp_path: Path) -> None:
    blobs = await FilesystemBlobs.open(str(tmp_path / "blobs"))
    (tmp_path / "blobs").rmdir()
    with pytest.raises(StoreUnavailable):
        await blobs.check()
    await blobs.close()


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        await FilesystemBlobs.open(str(tmp_path / "file" / "blobs"))


async def test_a_put_that_failed_leaves_nothing(tmp_path: Path) -> None:
    blobs = await FilesystemBlobs.open(str(tmp_path))
    await blobs.put("a/b", b"x")
    with pytest.raises(StoreUnavailable):
        await blobs.put("a", b"a folder has this name")
    with pytest.raises(StoreUnavailable):
        await blobs.put("a/b/c", b"a file has the folder's name")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "b"]
    await blobs.close()


async def test_a_bucket_that_is_missing_or_forbidden_is_unavailable(s3_server: S3Server) -> None:
    with pytest.raises(StoreUnavailable):
        await FilesystemBlobs.open("s3://no-such-bucket/blobs", s3_server.storage_options())
    with pytest.raises(StoreUnavailable):
        await FilesystemBlobs.open(f"s3://{s3_server.bucket}", {**s3_server.storage_options(), "secret": "wrong"})


async def test_a_whole_bucket_can_be_the_place(s3_server: S3Server) -> None:
    blobs = await FilesystemBlobs.open(f"s3://{s3_server.bucket}", s3_server.storage_options())
    await blobs.put("top/a", b"x")
    assert await blobs.get("top/a") == b"x"
    await blobs.delete("top")
    assert await blobs.size("top/a") is None
    await blobs.close()


async def test_an_upload_that_broke_off_leaves_no_part(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    blobs = await FilesystemBlobs.open(str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        await blobs.put_stream("a/b", broken())
    assert [path.name for path in tmp_path.rglob("*")] == ["a"]
    await blobs.close()


async def test_folders_that_a_removal_left_empty_go_too(tmp_path: Path) -> None:
    blobs = await FilesystemBlobs.open(str(tmp_path / "blobs"))
    await blobs.put("runs/a/content/1", b"x")
    await blobs.put("runs/b/content/1", b"x")
    await blobs.delete("runs/a/content/1")
    assert [path.name for path in (tmp_path / "blobs/runs").iterdir()] == ["b"]
    await blobs.delete("runs/b")
    assert list((tmp_path / "blobs").iterdir()) == []
    await blobs.check()
    await blobs.close()


async def test_puts_and_removals_beside_each_other_lose_nothing(tmp_path: Path) -> None:
    """A put makes its folder, and a removal takes it away again because it is empty for a moment."""
    blobs = await FilesystemBlobs.open(str(tmp_path / "blobs"))

    async def put(number: int) -> None:
        for _ in range(50):
            await blobs.put(f"deep/er/{number}", b"x")
            await blobs.delete(f"deep/er/{number}")
        await blobs.put(f"deep/er/{number}", b"x")

    await asyncio.gather(*(put(number) for number in range(4)))
    assert [await blobs.size(f"deep/er/{number}") for number in range(4)] == [1] * 4
    await blobs.close()


async def test_what_a_killed_upload_left_is_listed(tmp_path: Path) -> None:
    blobs = await FilesystemBlobs.open(str(tmp_path))
    await blobs.put("uploads/a/b", b"x")
    (tmp_path / "uploads/a/.0123.part").write_bytes(b"half")
    found = {blob.key async for batch in blobs.listed("uploads") for blob in batch}
    assert found == {"uploads/a/b", "uploads/a/.0123.part"}
    await blobs.close()
