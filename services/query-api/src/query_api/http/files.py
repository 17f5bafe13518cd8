"""A file as an answer: conditional requests, one range, compressed twins."""

import asyncio
import errno
import os
from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import Path
from typing import BinaryIO

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

from query_api.http.conditions import Conditions, matches, wanted_span

_CHUNK_BYTES = 256 << 10
_DEFAULT_TYPE = "application/octet-stream"
# Not the system's table: what a browser runs must not depend on the machine that serves it.
_TYPES = MimeTypes()
_TYPES.add_type("text/javascript", ".js")
_TYPES.add_type("application/json", ".map")
_TYPES.add_type("application/wasm", ".wasm")
_TYPES.add_type("font/woff2", ".woff2")
_TYPES.add_type("font/woff", ".woff")
_TYPES.add_type("font/ttf", ".ttf")


@dataclass(frozen=True, slots=True)
class _Stored:
    path: Path
    size: int
    etag: str
    compressed: bool


class FileAnswer(ASGIResponse):
    """Sends the part of the file that was asked for; the file is opened when it is sent."""

    _should_set_content_length = False

    def __init__(self, status: int, headers: dict[str, str], media_type: str, path: Path | None, span: range) -> None:
        super().__init__(status_code=status, headers=headers, media_type=media_type)
        self._path = path
        self._span = span

    async def send_body(self, send: Send, receive: Receive) -> None:
        if self._path is not None:
            with await asyncio.to_thread(open, self._path, "rb") as file:
                await self._send_span(file, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_span(self, file: BinaryIO, send: Send) -> None:
        file.seek(self._span.start)
        left = len(self._span)
        while left:
            chunk = await asyncio.to_thread(file.read, min(left, _CHUNK_BYTES))
            if not chunk:
                raise OSError(f"{self._path} became shorter while it was sent")
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            left -= len(chunk)


def answer_file(root: Path, name: str, conditions: Conditions) -> FileAnswer | None:
    """The file below `root` as the request wants it; None if there is none, or if the name leads out of the folder.

    A twin `<name>.gz` is sent in its place, as it is, unless the client refuses gzip. Reads the file system.
    """
    stored = _find(root, name, conditions.accept_encoding)
    if stored is None:
        return None
    media_type = _TYPES.guess_type(name)[0] or _DEFAULT_TYPE
    headers = {
        "ETag": stored.etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",  # kept, but asked about: a new version of the UI has the same names
        "Vary": "Accept-Encoding",
    }
    if stored.compressed:
        headers["Content-Encoding"] = "gzip"
    if matches(conditions.if_none_match, stored.etag):
        return FileAnswer(304, headers, media_type, None, range(0))
    span = wanted_span(conditions, stored.size, stored.etag)
    if span is None:
        refusal = {**headers, "Content-Range": f"bytes */{stored.size}", "Content-Length": "0"}
        return FileAnswer(416, refusal, media_type, None, range(0))
    headers["Content-Length"] = str(len(span))
    if len(span) == stored.size:
        return FileAnswer(200, headers, media_type, stored.path, span)
    headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{stored.size}"
    return FileAnswer(206, headers, media_type, stored.path, span)


def _find(root: Path, name: str, accept_encoding: str | None) -> _Stored | None:
    if "\0" in name:
        return None
    root = root.resolve()
    path = Path(os.path.normpath(root / name.strip("/"))).resolve()
    if not path.is_relative_to(root) or not _is_file(path):
        return None
    twin = path.with_name(f"{path.name}.gz")
    # No header at all says that anything is welcome.
    compressed = (accept_encoding is None or "gzip" in accept_encoding) and twin.is_file()
    chosen = twin if compressed else path
    known = chosen.stat()
    return _Stored(chosen, known.st_size, f'"{known.st_mtime_ns:x}-{known.st_size:x}{"-gz" * compressed}"', compressed)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise
