"""What an HTTP request says: the statement, the rows that follow it, its settings and parameters. Pure."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

import lz4.frame
from deploy.dev.clickhouse_http.errors import (
    NOT_IMPLEMENTED,
    UNKNOWN_FORMAT_OF_ENCODING,
    UNKNOWN_TYPE_OF_BODY,
    QueryFailed,
)

# Parts of the URL that the HTTP interface itself consumes; everything else is a setting of the engine.
_OF_THE_TRANSPORT = frozenset({
    "query", "database", "default_format", "query_id", "quota_key", "role", "user", "password",
    "session_id", "session_timeout", "session_check",
    "compress", "decompress", "enable_http_compression", "http_zlib_compression_level",
    "wait_end_of_query", "buffer_size", "client_protocol_version",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms",
})  # fmt: skip

_QUOTED = r"`(?:[^`\\]|\\.|``)*`|\"(?:[^\"\\]|\\.|\"\")*\""
_INSERT_OF_ROWS = re.compile(
    rf"""\s*(?P<target>INSERT\s+INTO\s+(?:TABLE\s+)?
             (?:{_QUOTED}|[\w.])+ \s*
             (?:\((?:[^()`"]|{_QUOTED})*\))?)
         \s*(?P<settings>SETTINGS\s+[^\n]*?)?
         \s*\bFORMAT\s+(?P<format>\w+)[ \t]*(?:\r?\n)?""".encode(),
    re.IGNORECASE | re.VERBOSE,
)
_LEADING_COMMENT = re.compile(rb"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_FIRST_WORD = re.compile(rb"\(|\w+")
_TRAILING_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)[\s;]*$", re.IGNORECASE)
_WITH_A_RESULT = frozenset({b"(", b"SELECT", b"WITH", b"SHOW", b"DESCRIBE", b"DESC", b"EXISTS", b"EXPLAIN", b"CHECK"})
_DROP_AND_WAIT = re.compile(rb"\bSYNC[\s;]*$", re.IGNORECASE)
_OF_A_SESSION = frozenset({b"SET", b"USE"})


@dataclass(frozen=True)
class RowsToInsert:
    """An INSERT whose rows came with the request: the statement in two halves and the rows in `format`."""

    target: bytes  # INSERT INTO table (columns)
    settings: bytes  # SETTINGS …, or empty
    format: bytes
    rows: bytes


@dataclass(frozen=True)
class Statement:
    """One statement with all that the request said about it.

    `rows` is set for an INSERT with data. `format` is that of the answer, None when the statement has no result.
    `streamed` says that the answer may leave before the statement has ended.
    """

    sql: bytes
    rows: RowsToInsert | None
    format: str | None
    streamed: bool
    database: str
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def first_word(sql: bytes) -> bytes:
    """The statement's first word in capitals, comments skipped; `(` for a bracketed SELECT, empty for no statement."""
    after_comments = _LEADING_COMMENT.match(sql)
    found = _FIRST_WORD.match(sql, after_comments.end() if after_comments else 0)
    return found.group().upper() if found else b""


def read_statement(url_query: str, content_type: str, content_encoding: str, body: bytes) -> Statement:
    """The statement of one request; `body` as received. Raises QueryFailed for what this server cannot take."""
    url = dict(parse_qsl(url_query, keep_blank_values=True))
    plain_body = _decoded(body, content_encoding)
    if content_type.lower().startswith("multipart/form-data"):
        form = _form_fields(content_type, plain_body)
        url.update({name: value for name, value in form.items() if name.startswith("param_")})
        plain_body = form.get("query", "").encode()
    # As the real interface does: the text in the URL comes first, the body continues it.
    sql = b"\n".join(part for part in (url.get("query", "").encode(), plain_body) if part)
    word = first_word(sql)
    _refuse_what_is_missing(word, sql)
    found = _INSERT_OF_ROWS.match(sql) if word == b"INSERT" else None
    answer_format = _format_of_answer(sql, word, url.get("default_format", "TabSeparated"))
    return Statement(
        sql=sql,
        rows=RowsToInsert(found["target"], found["settings"] or b"", found["format"], sql[found.end() :])
        if found
        else None,
        format=answer_format,
        streamed=answer_format == "Native" and word in {b"SELECT", b"WITH"} and url.get("wait_end_of_query") != "1",
        database=url.get("database") or "default",
        settings={k: v for k, v in url.items() if k not in _OF_THE_TRANSPORT and not k.startswith("param_")},
        parameters={k.removeprefix("param_"): v for k, v in url.items() if k.startswith("param_")},
    )


def _refuse_what_is_missing(word: bytes, sql: bytes) -> None:
    if word in _OF_A_SESSION:
        raise QueryFailed.of(NOT_IMPLEMENTED, "this development server keeps no session: pass settings with each query")
    if word == b"DROP" and _DROP_AND_WAIT.search(sql):
        # Measured with the engine 26.5.1.1: on a folder that this process created, the statement never returns.
        raise QueryFailed.of(NOT_IMPLEMENTED, "the embedded engine hangs on DROP … SYNC: drop without SYNC")


def _format_of_answer(sql: bytes, word: bytes, default: str) -> str | None:
    if word not in _WITH_A_RESULT:
        return None
    named = _TRAILING_FORMAT.search(sql)
    return named.group(1).decode() if named else default


def _decoded(body: bytes, encoding: str) -> bytes:
    """`body` without its Content-Encoding. Raises QueryFailed when it is not what the header says."""
    try:
        match encoding.lower():
            case "" | "identity":
                return body
            case "lz4":
                return _lz4_frames(body)
            case "gzip" | "deflate":
                return zlib.decompress(body, wbits=zlib.MAX_WBITS | 32)  # 32: take either header
    except (RuntimeError, zlib.error) as wrong:
        # Also what a client sends that failed to serialise its rows: a text where a compressed body should be.
        raise QueryFailed.of(UNKNOWN_TYPE_OF_BODY, f"the body is not valid {encoding}: {wrong}") from wrong
    raise QueryFailed.of(UNKNOWN_FORMAT_OF_ENCODING, f"Content-Encoding {encoding} is not taken here")


def _lz4_frames(body: bytes) -> bytes:
    """All frames of `body`, one after the other. Raises RuntimeError if one is broken or cut."""
    plain = []
    while body:
        frame = lz4.frame.LZ4FrameDecompressor()
        plain.append(frame.decompress(body))
        if not frame.eof:
            raise RuntimeError("the last frame is cut")
        body = frame.unused_data or b""
    return b"".join(plain)


def _form_fields(content_type: str, body: bytes) -> dict[str, str]:
    """The text fields of a multipart form. Raises QueryFailed for a file: external data is not taken."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        if part.get_filename() is not None:
            raise QueryFailed.of(NOT_IMPLEMENTED, "this development server takes no external data")
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields[name] = payload.decode()
    return fields
