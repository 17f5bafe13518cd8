"""Rows 15 and 16."""

import hashlib
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.openapi.spec import OpenAPIHeader, OpenAPIResponse, OpenAPIType, Parameter, Reference, Schema
from litestar.params import FromPath, FromQuery

from edge.documentation import RefusableOperation, bytes_of
from edge.refusals import also
from query_api.http.conditions import Conditions, matches, wanted_span
from query_api.http.dependencies import FromViews
from query_api.http.streams import MEDIA_TYPE, BinaryStream
from query_api.queries.artifacts import file_chunks, find_file, zip_chunks

_ZIP = "application/zip"
_HARMLESS = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
"""Whatever was stored, a browser saves it; should one show it all the same, it runs nothing and has no origin."""

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)
_NOT_IN_QUOTES = re.compile(r"[^ -~]")


def _text_header(text: str, *, required: bool = False) -> OpenAPIHeader:
    return OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING), description=text, required=required)


_OF_FILE: dict[str, OpenAPIHeader | Reference] = {
    "ETag": _text_header("of these bytes", required=True),
    "Accept-Ranges": _text_header("`bytes`", required=True),
    "Content-Disposition": _text_header("the last part of the path as the name of a file", required=True),
}
_SPAN: dict[str, OpenAPIHeader | Reference] = {"Content-Range": _text_header("which bytes of how many", required=True)}
_CONDITIONS = {
    "Range": "one range of bytes; anything else is answered whole",
    "If-None-Match": "ETags that the client has",
    "If-Range": "ETag for which alone `Range` counts",
}


@dataclass
class _FileOperation(RefusableOperation):
    """Of the stored content type, which is octet-stream unless the client said another."""

    def __post_init__(self) -> None:
        whole = bytes_of("*/*", "The bytes")
        self.responses = {
            **(self.responses or {}),
            "200": replace(whole, headers=_OF_FILE),
            "206": replace(whole, description="The range of the bytes", headers=_OF_FILE | _SPAN),
            "304": OpenAPIResponse(description="The client has these bytes", headers=dict(_OF_FILE)),
            "416": OpenAPIResponse(description="There are no bytes in the range", headers=_OF_FILE | _SPAN),
        }
        conditions = [
            Parameter(name=name, param_in="header", description=text, schema=Schema(type=OpenAPIType.STRING))
            for name, text in _CONDITIONS.items()
        ]
        self.parameters = [*(self.parameters or ()), *conditions]
        super().__post_init__()


@dataclass
class _ArchiveOperation(RefusableOperation):
    def __post_init__(self) -> None:
        archive = bytes_of(_ZIP, "A ZIP archive, not compressed, one member for each artifact under its path")
        headers = {"Content-Disposition": _OF_FILE["Content-Disposition"]}
        self.responses = {**(self.responses or {}), "200": replace(archive, headers=headers)}
        super().__post_init__()


@get(
    "/runs/{run_id:str}/artifacts/download",
    operation_id="DownloadArtifact",
    tags=["runs"],
    media_type=MEDIA_TYPE,
    operation_class=_FileOperation,
    opt=also(422),
)
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
        return BinaryStream(_nothing(), status=304, headers=headers)
    span = range(0) if not file.size else wanted_span(conditions, file.size, etag)
    if span is None:
        refusal = {**headers, "content-range": f"bytes */{file.size}", "content-length": "0"}
        return BinaryStream(_nothing(), status=416, headers=refusal)
    headers["content-length"] = str(len(span))
    partial = len(span) < file.size
    if partial:
        headers["content-range"] = f"bytes {span.start}-{span.stop - 1}/{file.size}"
    chunks = file_chunks(reads, file, span)
    return BinaryStream(chunks, status=206 if partial else 200, headers=headers)


@get(
    "/runs/{run_id:str}/artifacts/download-all",
    operation_id="DownloadArtifacts",
    tags=["runs"],
    media_type=_ZIP,
    operation_class=_ArchiveOperation,
)
async def get_artifacts(reads: FromViews, run_id: FromPath[str]) -> BinaryStream:
    """All artifacts of a run as a ZIP archive."""
    chunks = zip_chunks(reads, run_id)
    headers = {
        "content-type": _ZIP,
        "content-disposition": attachment(f"{run_id}-artifacts.zip"),
        **_HARMLESS,
    }
    return BinaryStream(chunks, headers=headers)


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
