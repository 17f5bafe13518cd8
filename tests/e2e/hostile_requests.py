"""Requests that no honest client sends, made from the route table and the OpenAPI file of an app."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from litestar import Litestar

from contracts.routes import AIM_PREFIX, REST_PREFIX, ROUTES

_VECTORS = Path(__file__).parents[1] / "vectors" / "query-language.json"
_DEEP = 5_000
_HUGE = "9" * 40
_MEGABYTE = 1 << 20

PATH_VALUES = (
    "unknown",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "a%2fb",
    "%00",
    "a%00b",
    "%ff",
    "%ed%a0%80",
    "%F0%9F%92%A9",
    "%22%27%3b--",
    "$where",
    "progress_0",
    "-1",
    _HUGE,
    "x" * 5_000,
)
"""As they stand in a URL."""

_NUMBERS = (
    "",
    "-1",
    "-2",
    "0",
    _HUGE,
    f"-{_HUGE}",
    str(1 << 63),
    str(-(1 << 63) - 1),
    "1e400",
    "NaN",
    "1.5",
    "x",
    "9" * _DEEP,
)
_RANGES = (
    "-1:",
    ":-1",
    "5:1",
    "a:b",
    "1.5:",
    "::",
    f"{_HUGE}:",
    f":{_HUGE}",
    f"{1 << 63}:{1 << 64}",
    "0:1:2",
    "\0",
    f"{_HUGE * 200}:",
)
_TEXTS = ("\0", "\ufffe", "x" * 50_000, "[" * _DEEP, '{"a":' * _DEEP, "[NaN]", '[{"field":1}]', '[{"field":"x"}]', "()")
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"X-Timezone-Offset", b"x"),
    (b"X-Timezone-Offset", b"9" * 5_000),
    (b"X-Timezone-Offset", b"-9999"),
    (b"X-Timezone-Offset", b"\xb2"),
    (b"X-Tallybook-Position", b"x"),
    (b"X-Tallybook-Position", b"\xff\xff"),
    (b"X-Tallybook-Position", b"A" * 5_000),
    (b"X-Tallybook-Position", b"kA"),
    (b"X-Tallybook-Position", b"kZQBpHJ1bnMAzwAB"),
    (b"Idempotency-Key", b""),
    (b"Idempotency-Key", b"\xff" * 300),
    (b"Accept", b"\xff/\xff"),
    (b"Accept", b"text/html"),
    (b"Range", b"bytes=9-1"),
    (b"If-None-Match", b"\xff"),
)


@dataclass(frozen=True)
class Hostile:
    """A request. path: with its query, escaped. documented: statuses; empty if it may lead to no route."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content: bytes = field(default=b"", repr=False)
    documented: frozenset[int] = frozenset()

    def __str__(self) -> str:
        shown = self.params and f" ?{str(self.params)[:200]}"
        return f"{self.method} {self.path[:200]}{shown} {dict(self.headers)} {self.content[:80]!r}"


@dataclass(frozen=True)
class Endpoint:
    """A route under one prefix. path: with names of parameters in braces. query: names of its parameters.

    statuses: that the OpenAPI file names.
    """

    method: str
    path: str
    query: tuple[str, ...]
    body: dict[str, Any] | list[Any] | None
    statuses: frozenset[int]

    def filled(self, values: dict[str, str], other: str) -> str:
        parts = [values.get(p[1:-1], other) if p.startswith("{") else p for p in self.path.split("/")]
        return "/".join(parts)

    @property
    def has_parameters(self) -> bool:
        return "{" in self.path


OURS_ALONE = frozenset(REST_PREFIX + route.path for route in ROUTES if route.prefixes == (REST_PREFIX,))
"""Paths without a twin under the other prefix."""


def endpoints(app: Litestar) -> list[Endpoint]:
    """Every route that the OpenAPI file shows, and its twin under the other prefix."""
    schema = app.openapi_schema.to_schema()
    found = []
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            query = tuple(p["name"] for p in operation.get("parameters", ()) if p["in"] == "query")
            content = operation.get("requestBody", {"content": {}})["content"]
            body = _example(operation, schema) if "application/json" in content else None
            statuses = frozenset(map(int, operation["responses"]))
            found.append(Endpoint(method.upper(), path, query, body, statuses))
            if path.startswith(f"{REST_PREFIX}/") and path not in OURS_ALONE:
                found.append(
                    Endpoint(method.upper(), AIM_PREFIX + path.removeprefix(REST_PREFIX), query, body, statuses)
                )
    return found


def _example(operation: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A body of the right types. What ingestion takes its description alone says."""
    if operation["operationId"] == "IngestRun":
        return [
            {"type": "create_run", "client_datetime": 1.0, "force_resume": False},
            {"type": "log_metric", "name": "text", "value": 1, "step": 1, "epoch": 1, "context": {"a": 1}},
            {
                "type": "log_metrics",
                "series": [{"name": "text", "context": {}}],
                "points": {"value": [1], "step": [1], "series": [0], "client_datetime": [1.0]},
            },
            {"type": "log_hparams", "value": {"hparams": {"a": [1]}}},
            {"type": "set_run_property", "name": "text", "archived": False, "experiment": "text"},
            {"type": "add_tag", "tag_name": "text"},
            {"type": "finish_run", "end_time": 1.0},
        ]
    kinds = operation["requestBody"]["content"]
    return _value(kinds["application/json"]["schema"], schema)


def _value(shape: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in shape:
        return _value(schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], schema)
    for choice in ("oneOf", "anyOf"):
        if choice in shape:
            return _value(next(one for one in shape[choice] if one.get("type") != "null"), schema)
    kind = shape["type"]
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if kind == "object":
        return {name: _value(part, schema) for name, part in shape.get("properties", {}).items()}
    if kind == "array":
        if "prefixItems" in shape:
            return [_value(part, schema) for part in shape["prefixItems"]]
        return [_value(shape["items"], schema)] if isinstance(shape.get("items"), dict) else [0, 0, 10]
    return {"string": "text", "integer": 1, "number": 1.0, "boolean": True}[kind]


def on_paths(endpoint: Endpoint, known: dict[str, str]) -> Iterator[Hostile]:
    """Ids that are none, and paths below a route. The rest of the request is right."""
    for value in PATH_VALUES if endpoint.has_parameters else ():
        yield Hostile(endpoint.method, endpoint.filled({}, value), content=_right(endpoint))
        for name in known:
            if endpoint.path.count("{") > 1 and f"{{{name}}}" in endpoint.path:
                path = endpoint.filled({name: known[name]}, value)
                yield Hostile(endpoint.method, path, content=_right(endpoint))
    for tail in ("/none", "//", "/..", "/%2e%2e/%2e%2e", "/%00"):
        yield Hostile(endpoint.method, _target(endpoint, known) + tail, content=_right(endpoint))


def on_parameters(endpoint: Endpoint, known: dict[str, str]) -> Iterator[Hostile]:
    """Every parameter with values of every kind, whatever it is declared as; and headers."""
    path = _target(endpoint, known)
    for name in endpoint.query:
        for value in (*_NUMBERS, *_RANGES, *_TEXTS):
            yield Hostile(
                endpoint.method, path, params=((name, value),), content=_right(endpoint), documented=endpoint.statuses
            )
        yield Hostile(
            endpoint.method,
            f"{path}?{name}=%ff%fe&{name}=%ed%a0%80&{name}=%",
            content=_right(endpoint),
            documented=endpoint.statuses,
        )
    for header in _HEADERS:
        yield Hostile(endpoint.method, path, headers=(header,), content=_right(endpoint), documented=endpoint.statuses)


def on_queries(endpoint: Endpoint) -> Iterator[Hostile]:
    """Every query of the language's cases that is hostile."""
    for text in hostile_queries() if "q" in endpoint.query else ():
        yield Hostile(endpoint.method, endpoint.path, params=(("q", text),), documented=endpoint.statuses)


def hostile_queries() -> list[str]:
    cases = json.loads(_VECTORS.read_bytes())["cases"]
    return [case["q"] for case in cases if case["class"] == "safety"]


def on_bodies(endpoint: Endpoint, known: dict[str, str]) -> Iterator[Hostile]:
    """Bodies that are no JSON, or of other types, or too large; also where no body is wanted."""
    if endpoint.method not in {"POST", "PUT"}:
        return
    path = endpoint.filled(known, "unknown")
    known_statuses = endpoint.statuses
    for content in _bodies(endpoint.body):
        yield Hostile(endpoint.method, path, content=content, documented=known_statuses)
    for kind in (b"text/plain", b"multipart/form-data", b"application/x-www-form-urlencoded", b"\xff", b"/", b""):
        yield Hostile(
            endpoint.method, path, headers=((b"Content-Type", kind),), content=b"a=1&b", documented=known_statuses
        )
        yield Hostile(endpoint.method, path, headers=((b"Content-Type", kind),), content=b"", documented=known_statuses)
    for kind in (b"application/msgpack", b"application/x-ndjson"):
        for content in _RAW:
            yield Hostile(endpoint.method, path, headers=((b"Content-Type", kind),), content=content)


_RAW: Sequence[bytes] = (
    b"",
    b" ",
    b"{",
    b"nul",
    b"null",
    b"1",
    b'"text"',
    b"[null]",
    b"[[[]]]",
    b"{}{}",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"\xc1",
    b"\xdd\xff\xff\xff\xff",
    b"\x00" * 100,
    b"[" * _DEEP,
    b"\x91" * _DEEP,
    b"[" * _DEEP + b"]" * _DEEP,
    b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
    b"9" * _DEEP,
    b"-",
    b"NaN",
    b"[NaN, Infinity, -Infinity]",
)


def _bodies(example: Any) -> Iterator[bytes]:
    yield from _RAW
    for path in _places(example):
        for value in _WRONG:
            yield _replaced(example, path, value)


_WRONG = (
    b"null",
    b"1",
    b"-1.5",
    b"true",
    b'"text"',
    b'""',
    b"[]",
    b"[[]]",
    b"{}",
    b'{"$where": 1, "a.b": {"\\u0000": "\\u0000"}}',
    b"NaN",
    _HUGE.encode(),
    b"-1e400",
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\\ufffe"',
    b'{"\\ud800": "\\udfff"}',
    b'"' + b"x" * _MEGABYTE + b'"',
    b"[" * _DEEP + b"]" * _DEEP,
    b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
    *(b'{"a":' * depth + b"1" + b"}" * depth for depth in (60, 100, 300, 900, 950, 990, 1_000)),
)
_HOLE = "\uf8ff hole"


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    """The way to each part of a value."""
    if isinstance(value, dict):
        parts: Sequence[tuple[Any, Any]] = list(value.items())
    else:
        parts = list(enumerate(value)) if isinstance(value, list) else []
    for key, part in parts:
        yield (key,)
        yield from ((key, *rest) for rest in _places(part))


def _replaced(example: Any, place: tuple[Any, ...], value: bytes) -> bytes:
    """JSON of the example with other text at one place, which may be none that a writer makes."""
    copy = json.loads(json.dumps(example))
    part = copy
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = _HOLE
    return json.dumps(copy).encode().replace(json.dumps(_HOLE).encode(), value)


def _target(endpoint: Endpoint, known: dict[str, str]) -> str:
    """What is known stays: no request of the others would find it."""
    return endpoint.filled({} if endpoint.method == "DELETE" else known, "unknown")


def _right(endpoint: Endpoint) -> bytes:
    return b"" if endpoint.body is None else json.dumps(endpoint.body).encode()
