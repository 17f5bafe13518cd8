import httpx
import pytest
from litestar import get
from tests.unit.edge.probe import ORIGIN, edge

from contracts.errors import error_body
from edge.settings import EdgeSettings


@pytest.mark.parametrize("path", ["/api/things/1", "/api/things/1/", "/api/v1/rest/things/1", "/api/v1/rest/things/1/"])
async def test_both_prefixes_and_both_forms_are_answered_directly(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"number": 1})


async def test_some_routes_are_ours_alone(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/rest/only-ours")).status_code == 200
    assert (await client.get("/api/only-ours")).status_code == 404


async def test_the_aim_prefix_stands_below_the_path_of_its_ui() -> None:
    async with edge(EdgeSettings(aim_base="/aim")) as client:
        assert (await client.get("/aim/api/things/1")).status_code == 200
        assert (await client.get("/api/v1/rest/things/1")).status_code == 200
        assert (await client.get("/api/things/1")).status_code == 404


async def test_the_schema_shows_each_route_once(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    assert "/api/v1/rest/things/{number}" in paths
    assert "/api/things/{number}" not in paths
    parameters = paths["/api/v1/rest/flag"]["get"]["parameters"]
    assert parameters[0]["schema"] == {"type": "boolean"}


@pytest.mark.parametrize("path", ["//api/things/1", "///api/things/1/", "//api/v1/rest/things/1"])
async def test_a_doubled_slash_at_the_beginning_is_one(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"http://edge.test{path}")
    assert (answer.status_code, answer.json()) == (200, {"number": 1})


@get(["/", "/{page:path}"])
async def any_page() -> str:
    return "page"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/api//things/1",
        "/api/v1/rest/things//1",
        "/api/v1/rest/things/1//",
        "/api/v1/rest/things/%2F1",
        "//api//things/1",
        "/some//page",
        "/health//live",
    ],
)
async def test_an_empty_segment_is_none_of_ours(path: str, method: str) -> None:
    async with edge(root=[any_page]) as client:
        answer = await client.request(method, f"http://edge.test{path}", headers={"Origin": ORIGIN})
        assert (await client.get("/some/page")).text == "page"
    assert answer.status_code == 404
    assert method == "HEAD" or answer.json() == error_body(404, "")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["X-Request-Id"]
