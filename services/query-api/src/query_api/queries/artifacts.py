"""Rows 15 and 16: the bytes of a run's artifacts."""

import io
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from contracts.errors import NotFound
from contracts.read_models import RunArtifact, RunDocument
from query_api.queries.blob_places import blob_places
from query_api.queries.reads import Reads

_CHUNK_BYTES = 1 << 20
_MODE = 0o644 << 16
"""Where a ZIP archive keeps a file's mode."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """place: key in the blob store. size: in bytes."""

    artifact: RunArtifact
    place: str
    size: int

    @property
    def version(self) -> str:
        """Differs between any two contents of one path: content has a name of its own, and so has every upload."""
        return f"{self.place}:{self.artifact.version}:{self.size}"


async def find_file(reads: Reads, run_id: str, path: str) -> StoredFile:
    """Raises NotFound for an unknown run or path, and for bytes that are not in the blob store."""
    run = await reads.runs.get(run_id)
    artifact = await reads.runs.artifact(run, path)
    found = None if artifact is None else await _stored(reads, run, artifact)
    if found is None:
        raise NotFound("Artifact not found.")
    return found


async def file_chunks(reads: Reads, file: StoredFile, span: range) -> AsyncGenerator[bytes, None]:
    """The bytes of the span. Raises NotFound if they went away."""
    if len(span) == file.size:
        async for chunk in reads.blobs.stream(file.place, _CHUNK_BYTES):
            yield chunk
        return
    for start in range(span.start, span.stop, _CHUNK_BYTES):
        yield await reads.blobs.get(file.place, start, min(start + _CHUNK_BYTES, span.stop))


async def zip_chunks(reads: Reads, run_id: str) -> AsyncGenerator[bytes, None]:
    """A ZIP archive of all listed artifacts whose bytes are in the blob store, stored as they are.

    Raises NotFound before the first chunk for an unknown run, and for one without such artifacts.
    """
    run = await reads.runs.get(run_id)
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for artifact in await reads.runs.artifacts(run):
            file = await _stored(reads, run, artifact)
            if file is None:
                continue
            entry = zipfile.ZipInfo(artifact.path)
            entry.external_attr = _MODE
            with archive.open(entry, "w", force_zip64=True) as member:
                async with aclosing(file_chunks(reads, file, range(file.size))) as chunks:
                    async for chunk in chunks:
                        member.write(chunk)
                        yield sink.taken()
        if not archive.namelist():
            raise NotFound("The run has no artifacts.")
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What an archive was written to, to be taken away piece by piece: it cannot be sought in."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # the buffers zipfile has
        self._waiting += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


async def _stored(reads: Reads, run: RunDocument, artifact: RunArtifact) -> StoredFile | None:
    if artifact.blob is None:
        return None
    place = (await blob_places(reads, run, [artifact.blob])).get(artifact.blob)
    size = None if place is None else await reads.blobs.size(place)
    return None if place is None or size is None else StoredFile(artifact, place, size)
