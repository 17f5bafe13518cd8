"""Blobs in a folder or in an S3 bucket, by fsspec (and s3fs, which is needed for a bucket alone)."""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import fsspec

from contracts.errors import NotFound
from stores.blobs import folder
from stores.blobs.keys import checked_key
from stores.blobs.port import StoredBlob
from stores.errors import StoreUnavailable

_log = logging.getLogger(__name__)

_T = TypeVar("_T")
_Errors = tuple[type[Exception], ...]

_BUCKET = "s3://"
_FOLDER = "file://"
_CHUNK_BYTES = 1 << 20
_PART_BYTES = 8 << 20
_BATCH = 1_000
_AT_ONCE = 16


class FilesystemBlobs:
    """The blobs port over a file system of fsspec. Get one by `open`."""

    def __init__(self, place: "_Place") -> None:
        self._place = place
        # Its own: a store that hangs must not take the threads that others work in.
        self._threads = ThreadPoolExecutor(_AT_ONCE, "blobs")
        self._closed = False

    @classmethod
    async def open(cls, address: str, options: Mapping[str, Any] | None = None) -> Self:
        """A folder (`/path` or `file:///path`, made if missing) or a bucket (`s3://bucket/prefix`, which must exist).

        options: of s3fs: `key`, `secret`, `client_kwargs` with `endpoint_url` and `region_name`. Requests are signed
        with version 4 unless they say otherwise. Raises StoreUnavailable if the place cannot be had.
        """
        if not address.startswith(_BUCKET):
            place: _Place = _Folder(Path(address.removeprefix(_FOLDER)))
        else:
            place = await asyncio.to_thread(_Bucket, address.removeprefix(_BUCKET), options or {})
        blobs = cls(place)
        try:
            await blobs._call(place.prepare)
        except BaseException:
            await blobs.close()
            raise
        return blobs

    async def close(self) -> None:
        """Ends when the running calls ended; may be called twice."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        self._place.close()

    async def check(self) -> None:
        await self._call(self._place.check)

    async def put(self, key: str, data: bytes) -> None:
        await self._call(partial(self._place.put, checked_key(key), data))

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        upload = await self._call(partial(self._place.upload, checked_key(key)))
        size = 0
        try:
            async for chunk in chunks:
                size += len(chunk)
                await self._call(partial(upload.write, chunk))
            await self._call(upload.finish)
        except BaseException:
            # Shielded: a cancelled caller must not leave its part behind, nor a thread that still writes into it.
            await asyncio.shield(asyncio.to_thread(self._abandon, upload))
            raise
        return size

    def _abandon(self, upload: "_Upload") -> None:
        try:
            upload.abandon()
        except self._place.errors as error:
            _log.warning("an unfinished upload could not be removed: %s", error)

    async def upload_url(self, key: str, seconds: int) -> str | None:
        return await self._call(partial(self._place.upload_url, checked_key(key), seconds))

    async def get(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        path = self._place.path(checked_key(key))
        if start == 0 and stop is None:
            return await self._call(partial(self._place.files.cat_file, path), key)
        # A range that begins behind the end is an error of S3's, and nothing in a folder.
        size = await self.size(key)
        if size is None:
            raise NotFound(f"no blob {key}")
        stop = size if stop is None else min(stop, size)
        if start >= stop:
            return b""
        return await self._call(partial(self._place.files.cat_file, path, start=start, end=stop), key)

    async def stream(self, key: str, chunk_bytes: int = _CHUNK_BYTES) -> AsyncIterator[bytes]:
        path = self._place.path(checked_key(key))
        if await self.size(key) is None:  # s3fs opens what is no blob but has blobs below it, as an empty file
            raise NotFound(f"no blob {key}")
        file = await self._call(partial(self._place.files.open, path, "rb", block_size=chunk_bytes), key)
        try:
            while chunk := await self._call(partial(file.read, chunk_bytes), key):
                yield chunk
        finally:
            await asyncio.to_thread(file.close)

    async def size(self, key: str) -> int | None:
        found = await self.find(key)
        return None if found is None else found.size

    async def find(self, key: str) -> StoredBlob | None:
        path = self._place.path(checked_key(key))
        try:
            found = await self._call(partial(self._place.files.info, path), key)
        except NotFound:
            return None
        if found["type"] != "file":
            return None
        return StoredBlob(key, int(found["size"]), self._place.modified(found))

    async def listed(self, prefix: str) -> AsyncIterator[list[StoredBlob]]:
        batches = self._place.listed(checked_key(prefix))
        while batch := await self._call(lambda: next(batches, None)):
            yield batch

    def uri(self, key: str) -> str:
        return self._place.uri(checked_key(key))

    async def delete(self, prefix: str) -> None:
        await self._call(partial(self._place.delete, checked_key(prefix)))

    async def _call(self, call: Callable[[], _T], key: str | None = None) -> _T:
        """In a thread. `key`: of the blob that is read; that it is not there is an answer then, no failure."""
        if self._closed:
            raise StoreUnavailable("the blobs are closed")
        with _translated(self._place.errors, key):
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)


class _Upload(Protocol):
    """A blob that is written piece by piece and is not there until `finish`. Blocking."""

    def write(self, data: bytes) -> None: ...
    def finish(self) -> None: ...
    def abandon(self) -> None: ...


class _Place(Protocol):
    """Where blobs lie. `files`: an fsspec file system that takes what `path` gives. Blocking."""

    files: Any
    errors: _Errors

    def prepare(self) -> None: ...
    def check(self) -> None: ...
    def path(self, key: str) -> str: ...
    def uri(self, key: str) -> str: ...
    def put(self, key: str, data: bytes) -> None: ...
    def upload(self, key: str) -> _Upload: ...
    def upload_url(self, key: str, seconds: int) -> str | None: ...
    def modified(self, info: Mapping[str, Any]) -> float: ...
    def listed(self, prefix: str) -> Iterator[list[StoredBlob]]: ...
    def delete(self, prefix: str) -> None: ...
    def close(self) -> None: ...


class _Folder:
    errors: _Errors = (OSError,)

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self.files = fsspec.filesystem("file")

    def prepare(self) -> None:
        folder.make_folder(self._root)

    def check(self) -> None:
        if not self._root.is_dir():
            raise FileNotFoundError(self._root)

    def path(self, key: str) -> str:
        return str(self._root / key)

    def uri(self, key: str) -> str:
        return f"{_FOLDER}{self.path(key)}"

    def put(self, key: str, data: bytes) -> None:
        folder.write_whole(self._root / key, data)

    def upload(self, key: str) -> _Upload:
        return folder.FolderUpload(self._root / key)

    def upload_url(self, key: str, seconds: int) -> str | None:
        return None

    def delete(self, prefix: str) -> None:
        folder.remove_all(self._root / prefix, self._root)

    def modified(self, info: Mapping[str, Any]) -> float:
        return float(info["mtime"])

    def listed(self, prefix: str) -> Iterator[list[StoredBlob]]:
        files = folder.files_below(self._root / prefix)
        while batch := list(islice(files, _BATCH)):
            yield [StoredBlob(path.relative_to(self._root).as_posix(), size, at) for path, size, at in batch]

    def close(self) -> None:
        """A folder holds nothing open."""


class _Bucket:
    def __init__(self, root: str, options: Mapping[str, Any]) -> None:
        # Here, not above: a folder needs neither package.
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # ships no types

        self.errors: _Errors = (OSError, BotoCoreError, ClientError)
        self._bucket, _, prefix = root.partition("/")
        self._root = "/".join(part for part in (self._bucket, prefix.strip("/")) if part)
        self.files = fsspec.filesystem(
            "s3",
            **{
                **options,
                "config_kwargs": {"signature_version": "s3v4", **options.get("config_kwargs", {})},
                "use_listings_cache": False,  # another process writes too
                "skip_instance_cache": True,  # `close` ends this one's connections alone
            },
        )

    def prepare(self) -> None:
        self.check()

    def check(self) -> None:
        self.files.call_s3("head_bucket", Bucket=self._bucket)

    def path(self, key: str) -> str:
        return f"{self._root}/{key}"

    def uri(self, key: str) -> str:
        return f"{_BUCKET}{self.path(key)}"

    def put(self, key: str, data: bytes) -> None:
        self.files.pipe_file(self.path(key), data)

    def upload(self, key: str) -> _Upload:
        return _BucketUpload(self.files, self.path(key))

    def upload_url(self, key: str, seconds: int) -> str | None:
        return str(self.files.sign(self.path(key), expiration=seconds, client_method="put_object"))

    def delete(self, prefix: str) -> None:
        """By plain listings: fsspec's own removal would read `*` and `[` in a key as a pattern."""
        below = self._below(prefix)
        self.files.rm_file(self.path(prefix))
        while True:
            # From the start each time: what was listed before is gone.
            listed = self.files.call_s3("list_objects_v2", Bucket=self._bucket, Prefix=below).get("Contents", [])
            if not listed:
                return
            objects = [{"Key": each["Key"]} for each in listed]
            answer = self.files.call_s3(
                "delete_objects", Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
            )
            if answer.get("Errors"):
                raise OSError(f"{len(answer['Errors'])} blobs could not be removed: {answer['Errors'][0]}")

    def modified(self, info: Mapping[str, Any]) -> float:
        return float(info["LastModified"].timestamp())

    def listed(self, prefix: str) -> Iterator[list[StoredBlob]]:
        place = len(self.path("")) - len(f"{self._bucket}/")
        more: dict[str, str] = {}
        while True:
            page = self.files.call_s3("list_objects_v2", Bucket=self._bucket, Prefix=self._below(prefix), **more)
            found = page.get("Contents", [])
            if found:
                yield [StoredBlob(one["Key"][place:], int(one["Size"]), self.modified(one)) for one in found]
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _below(self, prefix: str) -> str:
        return f"{self.path(prefix)}/".removeprefix(f"{self._bucket}/")

    def close(self) -> None:
        self.files.close_session(self.files.loop, self.files.s3)


class _BucketUpload:
    """A multipart upload; a small one is a single put. Nothing is in the bucket before `finish`."""

    def __init__(self, files: Any, path: str) -> None:
        self._file = files.open(path, "wb", block_size=_PART_BYTES, autocommit=False)

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def finish(self) -> None:
        self._file.close()
        self._file.commit()

    def abandon(self) -> None:
        self._file.discard()
        # What is closed already flushes nothing when it is collected.
        self._file.closed = True


@contextmanager
def _translated(errors: _Errors, key: str | None) -> Iterator[None]:
    try:
        yield
    except errors as error:
        if key is not None and isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError):
            raise NotFound(f"no blob {key}") from error
        raise StoreUnavailable(f"the blob store: {error}") from error
