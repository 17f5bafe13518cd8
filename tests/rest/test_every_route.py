"""What holds for every route of the table: prefixes, slashes, HEAD, origins, sizes, and a status for each refusal."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.rest.asking import Described, Rest, refused
from tests.vectors.composed import Product

from contracts.routes import REST_PREFIX, ROUTES, Route

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNOWN = [route for route in ROUTES if route.row is not None and route.side != "ui"]
IDS = [f"row {route.row}" for route in KNOWN]
READS = [route for route in KNOWN if route.method == "GET"]
_FOREIGN = {"Origin": "http://evil.test"}
_HUGE = {"Content-Length": str(65 << 20)}


@dataclass(frozen=True)
class Asked:
    """How one route is written in a request. body: right as far as types go, None where none is wanted."""

    method: str
    path: str
    body: Any
    params: dict[str, str]


def _asked(file: Described, route: Route) -> Asked:
    """With ids that nothing has."""
    path = re.sub(r"{\w+}", "none", route.path)
    operation = file.operation(route.method, (REST_PREFIX if route.prefixes else "") + path)
    assert operation is not None, route
    content = operation.get("requestBody", {}).get("content", {})
    body = content["application/json"]["example"] if "application/json" in content else None
    needed = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query" and one["required"]]
    return Asked(route.method, path, body, dict.fromkeys(needed, "none"))


def _forms(route: Route) -> Iterator[tuple[str, str]]:
    for prefix in route.prefixes or ("",):
        yield from ((prefix, ""), (prefix, "/"))


@pytest.mark.parametrize("route", KNOWN, ids=IDS)
async def test_every_form_of_a_path_is_answered_alike_and_never_redirected(
    product: Product, file: Described, route: Route
) -> None:
    asked = _asked(file, route)
    # A command is asked with an example of its own and may be refused for its name: that too is alike.
    answers = [
        await product.client.request(
            asked.method, prefix + asked.path + slash, params=asked.params, headers=_FOREIGN, json=asked.body
        )
        for prefix, slash in _forms(route)
    ]
    wanted = {403} if route.method != "GET" else {answers[0].status_code}
    assert {answer.status_code for answer in answers} == wanted
    assert not {300, 301, 302, 303, 307, 308, 405} & wanted
    assert len({answer.headers["Content-Type"] for answer in answers}) == 1


@pytest.mark.parametrize("route", KNOWN, ids=IDS)
async def test_an_empty_segment_makes_another_path(product: Product, file: Described, route: Route) -> None:
    asked = _asked(file, route)
    begin, _, end = asked.path.rpartition("/")
    for prefix in route.prefixes or ("",):
        paths = [f"{prefix}{asked.path}//", f"{prefix}{begin}//{end}"]
        # At the beginning of all, two slashes are one.
        for path in paths if prefix or begin else paths[:1]:
            answer = await product.client.request(asked.method, path, params=asked.params, json=asked.body)
            refused(answer, 404, "Not Found")


@pytest.mark.parametrize("route", READS, ids=[f"row {route.row}" for route in READS])
async def test_head_is_get_without_a_body(product: Product, file: Described, route: Route) -> None:
    asked = _asked(file, route)
    for prefix, slash in _forms(route):
        url = prefix + asked.path + slash
        read = await product.client.get(url, params=asked.params)
        head = await product.client.head(url, params=asked.params)
        assert (head.status_code, head.content) == (read.status_code, b"")
        assert head.headers["Content-Type"] == read.headers["Content-Type"]


@pytest.mark.parametrize("route", KNOWN, ids=IDS)
async def test_another_method_is_405_and_options_names_those_that_are(
    product: Product, file: Described, route: Route
) -> None:
    asked = _asked(file, route)
    url = (route.prefixes or ("",))[0] + asked.path
    refusal = await product.client.request("PATCH", url)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (405, "error")
    options = await product.client.options(url)
    allowed = set(options.headers["Allow"].split(", "))
    assert route.method in allowed
    assert "PATCH" not in allowed


@pytest.mark.parametrize(
    "route", [route for route in KNOWN if route.method != "GET"], ids=lambda route: f"row {route.row}"
)
async def test_a_foreign_page_and_a_huge_body_are_refused(product: Product, file: Described, route: Route) -> None:
    asked = _asked(file, route)
    rest = Rest(product, REST_PREFIX, file=file)
    foreign = await rest.ask(asked.method, asked.path, asked.body, headers=_FOREIGN, params=asked.params)
    refused(foreign, 403, "This origin may not change anything here")
    huge = await rest.ask(asked.method, asked.path, b"", headers=_HUGE, params=asked.params)
    assert (huge.status_code, huge.json()["error"]["code"]) == (413, "error")


@pytest.mark.parametrize("route", KNOWN, ids=IDS)
async def test_every_route_names_its_request_and_lets_pages_read_errors(
    product: Product, file: Described, route: Route
) -> None:
    asked = _asked(file, route)
    url = (route.prefixes or ("",))[0] + asked.path
    headers = {"Origin": "http://localhost:8000", "X-Request-Id": "mine", "Host": "["}
    answer: httpx.Response = await product.client.request(asked.method, url, params=asked.params, headers=headers)
    refused(answer, 400, "Invalid Host header")
    assert answer.headers["X-Request-Id"] == "mine"
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8000"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
