"""The OpenAPI file that people and generators of clients get: well formed, complete, and true about refusals."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import jsonschema
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from tests.e2e import openapi_file
from tests.e2e.hostile_requests import OURS_ALONE
from tests.vectors.composed import in_memory

from contracts.routes import AIM_PREFIX, REST_PREFIX

_METHODS = {"get", "put", "post", "delete"}
_TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}
_PARTS_OF_SCHEMA = ("items", "additionalProperties")
_LISTS_OF_SCHEMA = ("oneOf", "anyOf", "allOf", "prefixItems")
_WITHOUT_STORES = {"CheckLive", "GetMetrics", "GetProject", "GetProjectStatus", "GetVersion"}

_NOTHING = {"type": "null"}
"""A schema of one value, which needs no example."""

File = dict[str, Any]


@pytest.fixture
async def app() -> AsyncIterator[Litestar]:
    async with in_memory() as product:
        yield product.app


@pytest.fixture
async def file() -> AsyncIterator[File]:
    async with in_memory() as product:
        answer = await product.client.get("/schema/openapi.json")
        assert answer.status_code == 200
        yield answer.json()


def operations(file: File) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path, operation."""
    for path, item in file["paths"].items():
        assert set(item) <= _METHODS, path
        for method, operation in item.items():
            yield method, path, operation


def schemas(value: Any, inside: bool = False) -> Iterator[dict[str, Any]]:
    """Every schema: what stands under `schema`, and its parts."""
    if isinstance(value, list):
        for part in value:
            yield from schemas(part, inside)
    if not isinstance(value, dict):
        return
    if not inside:
        for key, part in value.items():
            yield from schemas(part, key == "schema")
        return
    yield value
    for part in value.get("properties", {}).values():
        yield from schemas(part, True)
    for key in (*_PARTS_OF_SCHEMA, *_LISTS_OF_SCHEMA):
        yield from schemas(value.get(key), True)


def all_schemas(file: File) -> list[dict[str, Any]]:
    return [*schemas(file["paths"]), *schemas(list(file["components"]["schemas"].values()), True)]


async def test_it_is_openapi_3_1(file: File) -> None:
    assert re.fullmatch(r"3\.1\.\d+", file["openapi"])
    assert file["info"]["title"] == "Tallybook"
    assert file["info"]["version"]
    assert all(path.startswith("/") for path in file["paths"])
    for method, path, operation in operations(file):
        assert set(operation) >= {"operationId", "summary", "responses"}, path
        assert operation["responses"], path
        assert all(re.fullmatch(r"[1-5](\d\d|XX)|default", status) for status in operation["responses"])
        assert all(answer.get("description") or answer["$ref"] for answer in operation["responses"].values())
        assert ("requestBody" in operation) <= (method in {"post", "put"}), path
        assert operation.get("requestBody", {"content": True})["content"]


async def test_parameters_are_those_of_the_path_and_each_is_there_once(file: File) -> None:
    for _, path, operation in operations(file):
        parameters = operation.get("parameters", [])
        names = [(one["in"], one["name"]) for one in parameters]
        assert len(set(names)) == len(names), path
        assert {name for where, name in names if where == "path"} == set(re.findall(r"{(\w+)}", path))
        for one in parameters:
            assert one["in"] in {"path", "query", "header"}
            assert one["schema"]
            assert one["in"] != "path" or one["required"] is True


async def test_schemas_are_json_schema_and_references_lead_somewhere(file: File) -> None:
    found = all_schemas(file)
    assert len(found) > 100
    for schema in found:
        kinds = schema.get("type", [])
        assert set([kinds] if isinstance(kinds, str) else kinds) <= _TYPES, schema
        assert "nullable" not in schema
        assert set(schema.get("required", ())) <= set(schema.get("properties", ())), schema
        if "$ref" in schema:
            kind, name = schema["$ref"].removeprefix("#/").rsplit("/", 1)
            assert kind == "components/schemas"
            assert name in file["components"]["schemas"]


async def test_defaults_are_of_their_type(file: File) -> None:
    of = {"boolean": bool, "integer": int, "string": str}
    defaults = [schema for schema in all_schemas(file) if schema.get("default") is not None]
    flags = [schema["default"] for schema in defaults if schema.get("type") == "boolean"]
    assert {True, False} == set(flags)
    for schema in defaults:
        if schema.get("type") in of:
            assert type(schema["default"]) is of[schema["type"]], schema


async def test_operations_have_names_of_their_own_and_sentences(file: File) -> None:
    names = Counter(operation["operationId"] for _, _, operation in operations(file))
    assert [name for name, count in names.items() if count > 1 or not re.fullmatch(r"([A-Z][a-z]+){2,}", name)] == []
    for _, path, operation in operations(file):
        assert " " in operation["summary"], path
        assert len(operation["summary"]) <= 120, path
        assert not operation["summary"].endswith("."), path
        assert operation["tags"], path


async def test_every_route_is_shown_once_under_our_own_prefix(app: Litestar, file: File) -> None:
    served = {
        (method.lower(), route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.route_handler_map
        if method != "OPTIONS"
    }
    shown = {(method, path) for method, path, _ in operations(file)}
    assert shown <= served
    hidden = {path for _, path in served - shown}
    twins = {path for path in hidden if path.startswith(f"{AIM_PREFIX}/") and not path.startswith("/api/v1/")}
    assert {AIM_PREFIX + path.removeprefix(REST_PREFIX) for _, path in shown if path.startswith(REST_PREFIX)} == {
        *twins,
        *(AIM_PREFIX + path.removeprefix(REST_PREFIX) for path in OURS_ALONE),
    }
    assert all(path.startswith(("/schema", "/health")) for path in hidden - twins)


async def test_refusals_are_the_envelope(file: File) -> None:
    components = file["components"]["responses"]
    named = {"400", "403", "404", "409", "413", "422", "503"}
    for _, path, operation in operations(file):
        answers = operation["responses"]
        refusals = {status: answer for status, answer in answers.items() if status in named}
        assert "400" in refusals, path
        assert set(answers) - named <= {"200", "201", "204", "206", "304", "416"}, path
        for status, answer in refusals.items():
            if operation["operationId"] == "CheckReady" and status == "503":
                continue  # no envelope: the contract says so (row 85)
            content = components[answer["$ref"].removeprefix("#/components/responses/")]["content"]
            schema = content["application/json"]["schema"]
            assert schema["required"] == ["message", "detail", "error"]
            jsonschema.validate(content["application/json"]["example"], schema)
    assert components["Unavailable"]["headers"]["Retry-After"]["required"] is True


async def test_refusals_are_those_that_the_form_of_the_operation_allows(file: File) -> None:
    for method, path, operation in operations(file):
        answers, name = operation["responses"], operation["operationId"]
        assert ("403" in answers) == ("413" in answers) == (method != "get"), path
        never_lost = {"ClearTombstone", "IngestRun", "UploadBytes"}
        assert ("404" in answers) == ("{" in path and name not in never_lost), path
        assert "422" in answers or "application/json" not in operation.get("requestBody", {"content": {}})["content"]
        assert ("503" in answers) == (name not in _WITHOUT_STORES), path


async def test_every_json_body_has_an_example_that_fits_its_schema(file: File) -> None:
    resolver = {"components": file["components"]}
    seen = 0
    for _, path, operation in operations(file):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [a for status, a in operation["responses"].items() if status.startswith("2") and "content" in a]
        for body in (*bodies, *answers):
            content = body["content"].get("application/json")
            if content is not None and content["schema"] != _NOTHING:
                assert "example" in content, path
                jsonschema.validate(content["example"], content["schema"] | resolver)
                seen += 1
    assert seen > 50


async def test_parameters_say_what_they_mean_and_their_examples_fit(file: File) -> None:
    for _, path, operation in operations(file):
        for one in operation.get("parameters", []):
            assert one.get("description"), f"{path} {one['name']}: its meaning belongs into edge.described_parameters"
            for example in one.get("examples", {}).values():
                jsonschema.validate(example["value"], one["schema"])


async def test_headers_are_described_where_they_count(app: Litestar, file: File) -> None:
    def names(operation: dict[str, Any]) -> set[str]:
        return {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}

    zoned = {
        operation["operationId"] for _, _, operation in operations(file) if "X-Timezone-Offset" in names(operation)
    }
    assert zoned >= {f"Search{kind}" for kind in ("Runs", "Metrics", "Images", "Texts", "Audios", "Figures")}
    assert "GetProjectActivity" in zoned
    assert "Idempotency-Key" in names(file["paths"]["/api/v1/ingest/runs/{run_id}"]["post"])
    for method, path, operation in operations(file):
        good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        assert good["headers"]["X-Request-Id"]["required"] is True, path
        if method != "get" and "X-Tallybook-Position" in good["headers"]:
            assert good["headers"]["X-Tallybook-Visible"]["schema"]["enum"] == ["false"]
    written = file["paths"][f"{REST_PREFIX}/runs/{{run_id}}"]["put"]["responses"]["200"]["headers"]
    assert {"X-Tallybook-Position", "X-Tallybook-Visible"} <= set(written)


async def test_it_is_served_as_json_and_committed_as_served(file: File) -> None:
    async with in_memory() as product:
        answer = await product.client.get("/schema")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json() == file
    assert openapi_file.PATH.read_text() == openapi_file.text_of(file), openapi_file.HOW


async def test_searches_are_binary_and_ingestion_shows_how(file: File) -> None:
    for _, path, operation in operations(file):
        if "/runs/search/" in path:
            assert set(operation["responses"]["200"]["content"]) == {"application/octet-stream"}, path
    assert "u32le length of key" in file["info"]["description"]
    ingest = file["paths"]["/api/v1/ingest/runs/{run_id}"]["post"]
    assert "curl http://localhost:53800/api/v1/ingest/runs/my-run" in ingest["description"]
