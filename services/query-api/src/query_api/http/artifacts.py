"""Rows 15 and 16."""

import hashlib
import re
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.params import FromPath, FromQuery

from query_api.http.conditions import Conditions, matches, wanted_span
from query_api.http.dependencies import FromViews
from query_api.http.streams import MEDIA_TYPE, BinaryStream
from query_api.queries.artifacts import file_chunks, find_file, zip_chunks

_HARMLESS = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
"""Whatever was stored, a browser saves it; should one show it all the same, it runs nothing and has no origin."""

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)
_NOT_IN_QUOTES = re.compile(r"[^ -~]")


@get("/runs/{run_id:str}/artifacts/download", operation_id="DownloadArtifact", tags=["runs"], media_type=MEDIA_TYPE)
async def get_artifact(
    reads: FromViews, request: Request[Any, Any, Any], run_id: FromPath[str], path: FromQuery[str]
) -> BinaryStream:
    """The bytes of one artifact, or a range of them."""
    file = await find_file(reads, run_id, path)
    etag = f'"{hashlib.sha256(file.version.encode()).hexdigest()[:32]}"'
    given = file.artifact.content_type or ""
    headers = {
        "content-type": given if _CONTENT_TYPE.fullmatch(given) else MEDIA_TYPE,
        "content-disposition": attachment(path.rpartition("/")[2] or path),
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": "no-cache",
        **_HARMLESS,
    }
    conditions = Conditions(
        if_none_match=request.headers.get("If-None-Match", ""),
        if_range=request.headers.get("If-Range", ""),
        range=request.headers.get("Range", ""),
    )
    if matches(conditions.if_none_match, etag):
        return BinaryStream(None, _nothing(), status=304, headers=headers)
    span = range(0) if not file.size else wanted_span(conditions, file.size, etag)
    if span is None:
        refusal = {**headers, "content-range": f"bytes */{file.size}", "content-length": "0"}
        return BinaryStream(None, _nothing(), status=416, headers=refusal)
    headers["content-length"] = str(len(span))
    partial = len(span) < file.size
    if partial:
        headers["content-range"] = f"bytes {span.start}-{span.stop - 1}/{file.size}"
    chunks = file_chunks(reads, file, span)
    return BinaryStream(await anext(chunks, None), chunks, status=206 if partial else 200, headers=headers)


@get(
    "/runs/{run_id:str}/artifacts/download-all",
    operation_id="DownloadArtifacts",
    tags=["runs"],
    media_type="application/zip",
)
async def get_artifacts(reads: FromViews, run_id: FromPath[str]) -> BinaryStream:
    """All artifacts of a run as a ZIP archive."""
    chunks = zip_chunks(reads, run_id)
    headers = {
        "content-type": "application/zip",
        "content-disposition": attachment(f"{run_id}-artifacts.zip"),
        **_HARMLESS,
    }
    return BinaryStream(await anext(chunks, None), chunks, headers=headers)


def attachment(name: str) -> str:
    """Content-Disposition of a file of this name (RFC 6266; names beyond ASCII by RFC 5987)."""
    plain = _NOT_IN_QUOTES.sub("_", name)
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{quoted}"{extended}'


async def _nothing() -> AsyncGenerator[bytes, None]:
    no_chunks: tuple[bytes, ...] = ()
    for chunk in no_chunks:
        yield chunk


HANDLERS = (get_artifact, get_artifacts)
