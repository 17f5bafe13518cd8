import httpx
import pytest
from tests.unit.edge.probe import edge

from edge.settings import EdgeSettings


async def test_a_request_keeps_the_id_that_its_caller_gave(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/who", headers={"X-Request-Id": "mine"})
    assert (answer.headers["X-Request-Id"], answer.json()["request"]) == ("mine", "mine")


@pytest.mark.parametrize("given", [None, "", "a\tb", "\u00ad"])
async def test_a_request_without_a_usable_id_gets_one(client: httpx.AsyncClient, given: str | None) -> None:
    headers = [] if given is None else [(b"X-Request-Id", given.encode("latin-1"))]
    answer = await client.get("/api/who", headers=headers)
    assert len(answer.headers["X-Request-Id"]) == 36
    assert answer.json()["request"] == answer.headers["X-Request-Id"]


async def test_a_long_id_is_cut(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/who", headers={"X-Request-Id": "x" * 500})
    assert answer.headers["X-Request-Id"] == "x" * 128


async def test_answers_outside_every_route_name_their_request_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/none", headers={"X-Request-Id": "mine"})).headers["X-Request-Id"] == "mine"


@pytest.mark.parametrize(("given", "actor"), [("ada", "ada"), (" ada ", "ada"), ("", None), ("x" * 999, "x" * 256)])
async def test_the_actor_comes_from_the_trusted_header(
    client: httpx.AsyncClient, given: str, actor: str | None
) -> None:
    assert (await client.get("/api/who", headers={"X-User": given})).json()["actor"] == actor


async def test_without_a_trusted_header_nobody_is_believed() -> None:
    async with edge(EdgeSettings()) as client:
        assert (await client.get("/api/who", headers={"X-User": "ada"})).json()["actor"] is None
