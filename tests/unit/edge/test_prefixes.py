import httpx
import pytest
from tests.unit.edge.probe import edge

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
