"""Dashboards, apps and reports as the UIs read them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.query_api.board_documents import app, dashboard, report
from tests.unit.query_api.world import NOW, World

from contracts.keys import shared_blob_key
from contracts.trees import set_aside

BASE = "/api/v1/rest"
FIRST = "2026-01-01T00:00:00.000000Z"
LATER = "2026-01-01T00:00:01.000000Z"
STATE = '{"z": 1.0, "a": [1, 1e2, 12345678901234567890123], "z2": {"\\u00e9": null}}'


@pytest.fixture
async def world() -> World:
    return await World.make()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


async def ids(client: httpx.AsyncClient, path: str) -> list[str]:
    return [one["id"] for one in (await client.get(f"{BASE}/{path}")).json()]


async def test_nothing_is_listed_where_nothing_was_saved(client: httpx.AsyncClient) -> None:
    for path in ("dashboards", "apps", "reports"):
        assert (await client.get(f"{BASE}/{path}")).json() == []


async def test_dashboards_are_in_the_order_of_their_last_change(world: World, client: httpx.AsyncClient) -> None:
    await dashboard(world, "c", updated_at=NOW + 2)
    await dashboard(world, "b", updated_at=NOW + 1)
    await dashboard(world, "a", updated_at=NOW + 2)
    assert await ids(client, "dashboards") == ["b", "a", "c"]


async def test_reports_are_in_the_order_of_their_last_change(world: World, client: httpx.AsyncClient) -> None:
    await report(world, "c", created_at=NOW - 9, updated_at=NOW + 2)
    await report(world, "b", updated_at=NOW + 1)
    await report(world, "a", updated_at=NOW + 2)
    assert await ids(client, "reports") == ["b", "a", "c"]


async def test_apps_are_in_the_order_of_their_creation(world: World, client: httpx.AsyncClient) -> None:
    await app(world, "c", created_at=NOW + 2, updated_at=NOW + 2)
    await app(world, "b", created_at=NOW + 1, updated_at=NOW + 9)
    await app(world, "a", created_at=NOW + 2, updated_at=NOW + 3)
    assert await ids(client, "apps") == ["b", "a", "c"]


async def test_a_dashboard_says_of_which_type_its_app_is(world: World, client: httpx.AsyncClient) -> None:
    await app(world, "p", kind="scatters")
    await dashboard(world, "d", "p", description="why", updated_at=NOW + 1)
    expected = {
        "id": "d", "name": "a dashboard", "description": "why", "app_id": "p", "app_type": "scatters",
        "updated_at": LATER, "created_at": FIRST,
    }  # fmt: skip
    assert (await client.get(f"{BASE}/dashboards/d")).json() == expected
    assert (await client.get(f"{BASE}/dashboards")).json() == [expected]


async def test_a_dashboard_without_an_app_has_no_type(world: World, client: httpx.AsyncClient) -> None:
    await dashboard(world, "d")
    answer = (await client.get(f"{BASE}/dashboards/d")).json()
    assert (answer["app_id"], answer["app_type"]) == (None, None)


async def test_a_state_is_given_back_byte_for_byte(world: World, client: httpx.AsyncClient) -> None:
    await app(world, "p", STATE)
    assert f'"state":{STATE}' in (await client.get(f"{BASE}/apps/p")).text
    assert f'"state":{STATE}' in (await client.get(f"{BASE}/apps")).text


async def test_what_is_too_large_for_a_document_comes_out_of_the_blob_store(
    world: World, client: httpx.AsyncClient
) -> None:
    state, data = set_aside(STATE)
    code, code_data = set_aside("# words")
    await world.blobs.put(shared_blob_key(state.hash), data)
    await world.blobs.put(shared_blob_key(code.hash), code_data)
    await app(world, "p", state)
    await report(world, "r", code)
    assert f'"state":{STATE}' in (await client.get(f"{BASE}/apps")).text
    assert (await client.get(f"{BASE}/reports/r")).json()["code"] == "# words"


async def test_a_lost_state_fails_no_list(world: World, client: httpx.AsyncClient) -> None:
    lost, _ = set_aside(STATE)
    await app(world, "p", lost)
    await app(world, "q")
    states = [one["state"] for one in (await client.get(f"{BASE}/apps")).json()]
    assert states == [{"missing": "(this value is missing from the blob store)"}, {}]


@pytest.mark.parametrize("code", ["# words", "", None])
async def test_a_report_is_shown_with_its_code(world: World, client: httpx.AsyncClient, code: str | None) -> None:
    await report(world, "r", code, updated_at=NOW + 1)
    assert (await client.get(f"{BASE}/reports/r/")).json() == {
        "id": "r", "name": "a report", "code": code, "description": None, "updated_at": LATER, "created_at": FIRST,
    }  # fmt: skip


async def test_what_is_archived_or_unknown_is_not_there(world: World, client: httpx.AsyncClient) -> None:
    await dashboard(world, "d", archived=True)
    assert await ids(client, "dashboards") == []
    for path in ("dashboards/d", "dashboards/x", "apps/x", "reports/x"):
        answer = await client.get(f"{BASE}/{path}")
        assert (answer.status_code, answer.json()["message"]) == (404, "Not Found"), path


async def test_a_reader_in_the_middle_of_a_deletion_sees_no_half(world: World, client: httpx.AsyncClient) -> None:
    """Where documents are written one by one a state goes before its app, and an app before its dashboards."""
    await app(world, "without", None)
    await dashboard(world, "d", "gone")
    assert await ids(client, "apps") == []
    assert await ids(client, "dashboards") == []
    assert (await client.get(f"{BASE}/apps/without")).status_code == 404
    assert (await client.get(f"{BASE}/dashboards/d")).status_code == 404
