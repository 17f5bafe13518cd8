import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import post
from litestar.params import FromQuery, JSONBody

from edge.app import create_app, served
from edge.settings import EdgeSettings


class Part(msgspec.Struct):
    label: str
    slice: tuple[int, int, int] = (0, 0, 1)


class Order(msgspec.Struct):
    name: str = ""
    count: int = 0
    weight: float = 0.0
    active: bool | None = None
    parts: list[Part] = []
    context: dict[str, Any] = {}


@post("/orders", status_code=200)
async def make_order(data: JSONBody[Order]) -> Order:
    return data


@post("/parts", status_code=200)
async def make_parts(data: JSONBody[list[Part]], dry: FromQuery[bool] = False) -> list[Part]:
    return [] if dry else data


class Story(msgspec.Struct):
    text: str
    drawn: msgspec.Raw | None = None


@post("/stories", status_code=200)
async def make_story(data: JSONBody[Story]) -> int:
    return data.text.count(",")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(EdgeSettings(), title="probe", version="0", rest=[make_order, make_parts, make_story], checks={})
    transport = httpx.ASGITransport(served(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge.test/api") as client:
        yield client


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": 1}, "name: Expected `str`, got `int`"),
        ({"name": None}, "name: Expected `str`, got `null`"),
        ({"count": "1"}, "count: Expected `int`, got `str`"),
        ({"count": True}, "count: Expected `int`, got `bool`"),
        ({"weight": "1.5"}, "weight: Expected `float`, got `str`"),
        ({"active": 1}, "active: Expected `bool | null`, got `int`"),
        ({"active": "true"}, "active: Expected `bool | null`, got `str`"),
        ({"active": "null"}, "active: Expected `bool | null`, got `str`"),
        ({"parts": [{"label": 1}]}, "parts[0].label: Expected `str`, got `int`"),
        ({"parts": [{"label": "a", "slice": ["1", 2, 3]}]}, "parts[0].slice[0]: Expected `int`, got `str`"),
        ({"context": [["a", 1]]}, "context: Expected `object`, got `array`"),
        ("text", "Expected `object`, got `str`"),
    ],
)
async def test_another_type_is_422_and_names_its_place(client: httpx.AsyncClient, body: Any, text: str) -> None:
    answer = await client.post("/orders", json=body)
    assert (answer.status_code, answer.json()["message"]) == (422, text)
    assert answer.json()["error"] == {"code": "validation_error", "message": text}


async def test_an_element_of_a_list_is_named_by_its_place(client: httpx.AsyncClient) -> None:
    answer = await client.post("/parts", json=[{"label": "a"}, {"label": False}])
    assert (answer.status_code, answer.json()["message"]) == (422, "[1].label: Expected `str`, got `bool`")


@pytest.mark.parametrize(
    "content",
    [
        b"nul",
        b"null",
        b"  ",
        b'{"name": "\xff"}',
        b'{"weight": NaN}',
        b'{"context": {"x": Infinity}}',
        b'{"name": "\\ud800"}',
        b'{"context": ' + b'{"x":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        b'{"unknown": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"count": ' + b"9" * 5_000 + b"}",
    ],
)
async def test_what_is_no_json_or_too_deep_is_422(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/orders", content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")


async def test_right_types_are_taken_as_they_are(client: httpx.AsyncClient) -> None:
    order = {
        "name": "1", "count": 1, "weight": 2, "active": None,
        "parts": [{"label": "true", "slice": [1, 2, 3]}], "context": {"a": {"b": [1, "1", None]}},
    }  # fmt: skip
    assert (await client.post("/orders", json={**order, "more": 1})).json() == order


async def test_query_parameters_stay_loose(client: httpx.AsyncClient) -> None:
    answer = await client.post("/parts", params={"dry": "1"}, json=[{"label": "a"}])
    assert (answer.status_code, answer.json()) == (200, [])


async def test_the_schema_names_the_declared_types(client: httpx.AsyncClient) -> None:
    schema = (await client.get("http://edge.test/schema/openapi.json")).json()
    paths = schema["paths"]
    body = paths["/api/v1/rest/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"].rsplit("/", 1)[1] in schema["components"]["schemas"]
    assert (
        paths["/api/v1/rest/parts"]["post"]["requestBody"]["content"]["application/json"]["schema"]["type"] == "array"
    )


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/parts", b"[" + b"{}," * 1_000_001 + b"{}]"),
        ("/parts", b"[" * 2_000_001),
        ("/orders", b'{"context":{"a":[' + b"1," * 2_000_001 + b"1]}}"),
    ],
)
async def test_a_body_of_too_many_values_is_refused_unread(
    client: httpx.AsyncClient, path: str, content: bytes
) -> None:
    tracemalloc.start()
    answer = await client.post(path, content=content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["message"]) == (422, "The body holds more than 2000000 values")
    assert most < 5 * len(content)


async def test_many_values_are_read_and_texts_may_have_any_commas(client: httpx.AsyncClient) -> None:
    many = b'[{"label":"a"}' + b',{"label":"a"}' * 200_000 + b"]"
    assert (await client.post("/parts?dry=true", content=many)).json() == []
    assert (await client.post("/stories", json={"text": "," * 2_000_001})).json() == 2_000_001
