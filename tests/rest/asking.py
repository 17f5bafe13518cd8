"""Requests to the composed product, each answer held against the OpenAPI file before a test sees it."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
import jsonschema
import msgspec
from tests.vectors.composed import Product

from contracts.aimcodec.reader import items
from contracts.routes import AIM_PREFIX, REST_PREFIX

JSON = "application/json"
_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "error",
    422: "validation_error",
}
_ENDED_OTHERWISE = frozenset({"ArchiveDashboard", "DeleteApp", "DeleteReport"})
"""200 `null` below the Aim UI's prefix, 204 below ours (REST contract, 1.5)."""
_numbers = itertools.count()

Messages = list[dict[str, Any]]


def fresh(word: str) -> str:
    """A name that nothing in the product has."""
    return f"{word}-{next(_numbers)}"


@dataclass(frozen=True)
class Rest:
    """The REST surface under one prefix and one form of its paths. slash: at their end."""

    product: Product
    prefix: str
    slash: str = ""
    file: "Described" = field(repr=False, kw_only=True)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.ask("POST", path, body, **more)

    async def put(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.ask("PUT", path, body, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("DELETE", path, **more)

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """body: JSON values, or bytes as they are. more: of httpx."""
        sent = {"content": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
        answer = await self.product.client.request(method, f"{self.prefix}{path}{self.slash}", **sent, **more)
        self.file.check(method, (REST_PREFIX if self.prefix else "") + path, answer, twin=self.prefix == AIM_PREFIX)
        return answer

    async def made(self, path: str, body: Any) -> Any:
        """What a POST that must succeed answers."""
        answer = await self.post(path, body)
        assert answer.is_success, answer.text
        return answer.json()

    async def read(self, path: str, **more: Any) -> Any:
        """JSON of a GET that must succeed."""
        answer = await self.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def run(self, *messages: dict[str, Any]) -> str:
        """The id of a new run to which these were logged."""
        return await self.log(fresh("run"), *messages)

    async def log(self, run_id: str, *messages: dict[str, Any]) -> str:
        answer = await self.product.client.post(
            f"/api/v1/ingest/runs/{run_id}",
            content=msgspec.msgpack.encode([{"type": "create_run"}, *messages]),
            headers={"Content-Type": "application/msgpack"},
        )
        assert answer.json()["rejected"] == [], answer.text
        await self.product.caught_up()
        return run_id

    async def upload(self, run_id: str, path: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        """An artifact, as clients send it."""
        wanted = {"run_id": run_id, "artifact_path": path, "content_type": content_type}
        permit = (await self.product.client.post(f"{REST_PREFIX}/artifacts/presign", json=wanted)).json()
        stored = await self.product.client.put(permit["upload_url"], content=data, headers=permit["headers"] or {})
        assert stored.status_code == 204, stored.text
        announced = {"s3_key": permit["s3_key"], "artifact_path": path, "content_type": content_type}
        await self.log(run_id, {"type": "blob_ref", **announced})


class Described:
    """The OpenAPI file, asked by request."""

    def __init__(self, file: dict[str, Any]) -> None:
        self._file = file

    @cached_property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (method.upper(), path): operation
            for path, item in self._file["paths"].items()
            for method, operation in item.items()
        }

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        fitting = [(of, one) for (of, one) in self.operations if of == method and _fits(one, path)]
        # Static segments win over parameters.
        best = min(fitting, key=lambda found: found[1].count("{"), default=None)
        return None if best is None else self.operations[best]

    def check(self, method: str, path: str, answer: httpx.Response, *, twin: bool = False) -> None:
        """The status is documented, and what is answered with it is of the type and the form that the file says."""
        operation = self.operation(method, path)
        if operation is None:
            assert answer.status_code in (404, 405), f"{method} {path} is not in the OpenAPI file"
            return
        if twin and operation["operationId"] in _ENDED_OTHERWISE and answer.is_success:
            assert (answer.status_code, answer.text) == (200, "null")
            return
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, f"{method} {path}: {answer.status_code} is not documented: {answer.text[:300]}"
        if "$ref" in described:
            described = self._file["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        content = described.get("content", {})
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        assert bool(kind) == bool(content) or "*/*" in content or not answer.content, f"{method} {path}: {kind}"
        assert not content or kind in content or "*/*" in content, f"{method} {path}: {kind}"
        if kind == JSON and kind in content:
            components = {"components": self._file["components"]}
            jsonschema.validate(answer.json(), content[kind]["schema"] | components)


def _fits(described: str, path: str) -> bool:
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(described))
    return re.fullmatch(pattern, path) is not None


def refused(answer: httpx.Response, status: int, message: str) -> None:
    """The envelope of the REST contract, 1.5, whole."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, JSON), answer.text
    assert answer.json() == {
        "message": message,
        "detail": message,
        "error": {"code": _CODES[status], "message": message},
    }


def invalid(answer: httpx.Response, part: str = "") -> None:
    """422 in the envelope, with a text of its own."""
    assert part in answer.json()["message"]
    refused(answer, 422, answer.json()["message"])


def streamed(answer: httpx.Response) -> dict[Any, Any]:
    """The trees of a binary stream by their top key, progress left out."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/octet-stream"), answer.text
    return {key: tree for key, tree in items(answer.content) if not str(key).startswith("progress_")}


def groups(answer: httpx.Response) -> list[dict[str, Any]]:
    """The trees of a stream that holds one after the other with the same top keys, of which `name` is the first."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/octet-stream"), answer.text
    return list(_groups(answer.content))


def _groups(body: bytes) -> Iterator[dict[str, Any]]:
    group: dict[str, Any] = {}
    for key, tree in items(body):
        if key == "name" and group:
            yield group
            group = {}
        group[str(key)] = tree
    if group:
        yield group


def seen(answer: httpx.Response) -> bool:
    """Whether a mutation waited for its outcome with success: past two seconds a loaded machine answers without it."""
    return "X-Tallybook-Visible" not in answer.headers


def of(found: list[Any], **wanted: Any) -> Any:
    """The one element with these members."""
    (one,) = [each for each in found if {**each, **wanted} == each]
    return one


def metric(name: str, values: Mapping[int, float], **context: Any) -> dict[str, Any]:
    """A message of ingestion: values by step."""
    points = {"series": [0] * len(values), "step": list(values), "value": list(values.values())}
    return {"type": "log_metrics", "series": [{"name": name, "context": context}], "points": points}


def logged(kind: str, name: str, value: Any, step: int = 0, **context: Any) -> dict[str, Any]:
    """A message of ingestion: an object, or a list of them."""
    return {"type": "log_custom_object", "dtype": kind, "name": name, "value": value, "step": step, "context": context}
