"""Every route that changes something, asked so that it does: which pages may, what a refusal leaves, who it was."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
from tests.rest.asking import fresh, refused
from tests.vectors.composed import Product

from contracts import tables
from contracts.position import TopicPartition
from contracts.routes import REST_PREFIX, ROUTES, Route
from contracts.tables import ViewNames
from stores.documents.port import Condition, Document

pytestmark = pytest.mark.asyncio(loop_scope="session")

MUTATIONS = [route for route in ROUTES if route.side == "command" and route.method != "WEBSOCKET"]
LISTED = "http://localhost:8000"
OURS = "http://tallybook.test"
FOREIGN = ("http://evil.test", "null", "http://tallybook.test.evil.test", "http://localhost:8001")

Asked = tuple[str, Any]
"""Path below the prefix, and the JSON body or None."""


class Maker:
    """Makes what a request is about. Nothing that it made is known to another test."""

    def __init__(self, product: Product) -> None:
        self._product = product

    async def made(self, path: str, body: Any) -> str:
        answer = await self._product.client.post(f"{REST_PREFIX}{path}", json=body)
        assert answer.is_success, answer.text
        entity_id: str = answer.json()["id"]
        return entity_id

    async def run(self) -> str:
        run_id = fresh("run")
        answer = await self._product.client.post(f"/api/v1/ingest/runs/{run_id}", json={"type": "create_run"})
        assert answer.is_success, answer.text
        await self._product.caught_up()
        return run_id

    async def app(self) -> str:
        return await self.made("/apps", {"type": "metrics", "state": {}})

    async def dashboard(self) -> str:
        return await self.made("/dashboards", {"name": "a dashboard"})

    async def experiment(self) -> str:
        return await self.made("/experiments", {"name": fresh("experiment")})

    async def report(self) -> str:
        return await self.made("/reports", {"name": "a report"})

    async def tag(self) -> str:
        return await self.made("/tags", {"name": fresh("tag")})

    async def tagged(self) -> tuple[str, str]:
        """Run and tag."""
        run_id = await self.run()
        answer = await self._product.client.post(f"/api/runs/{run_id}/tags/new", json={"tag_name": fresh("tag")})
        return run_id, answer.json()["tag_id"]

    async def noted(self, kind: str) -> str:
        """Path of a note."""
        owner = await (self.run() if kind == "runs" else self.experiment())
        note_id = await self.made(f"/{kind}/{owner}/note", {"content": "a note"})
        return f"/{kind}/{owner}/note/{note_id}"

    async def upload(self) -> str:
        """Path of a place that was promised."""
        wanted = {"run_id": fresh("run"), "artifact_path": "a.bin"}
        answer = await self._product.client.post(f"{REST_PREFIX}/artifacts/presign", json=wanted)
        return httpx.URL(answer.json()["upload_url"]).path


async def _untag(maker: Maker) -> Asked:
    run_id, tag_id = await maker.tagged()
    return f"/runs/{run_id}/tags/{tag_id}", None


Ask = Callable[[Maker], Awaitable[Asked]]


def _of(pattern: str, make: Callable[[Maker], Awaitable[str]], body: Any = None) -> Ask:
    """A request about one thing, whose id or path stands in the place of `{}`."""

    async def ask(maker: Maker) -> Asked:
        return pattern.format(await make(maker)), body

    return ask


def _new(path: str, body: Callable[[], Any]) -> Ask:
    async def ask(_: Maker) -> Asked:
        return path, body()

    return ask


def _listing(path: str) -> Ask:
    async def ask(maker: Maker) -> Asked:
        return path, [await maker.run()]

    return ask


READY: Mapping[tuple[str, str], Ask] = {
    ("PUT", "/runs/{}"): _of("/runs/{}", Maker.run, {"name": "n"}),
    ("DELETE", "/runs/{}"): _of("/runs/{}", Maker.run),
    ("POST", "/runs/delete-batch"): _listing("/runs/delete-batch"),
    ("POST", "/runs/archive-batch"): _listing("/runs/archive-batch"),
    ("POST", "/runs/finish-batch"): _listing("/runs/finish-batch"),
    ("POST", "/runs/{}/clear-tombstone"): _of("/runs/{}/clear-tombstone", Maker.run),
    ("POST", "/runs/{}/tags/new"): _of("/runs/{}/tags/new", Maker.run, {"tag_name": "any"}),
    ("DELETE", "/runs/{}/tags/{}"): _untag,
    ("POST", "/runs/{}/note"): _of("/runs/{}/note", Maker.run, {"content": "c"}),
    ("PUT", "/runs/{}/note/{}"): _of("{}", lambda maker: maker.noted("runs"), {"content": "c"}),
    ("DELETE", "/runs/{}/note/{}"): _of("{}", lambda maker: maker.noted("runs")),
    ("POST", "/experiments"): _new("/experiments", lambda: {"name": fresh("experiment")}),
    ("PUT", "/experiments/{}"): _of("/experiments/{}", Maker.experiment, {"description": "d"}),
    ("DELETE", "/experiments/{}"): _of("/experiments/{}", Maker.experiment),
    ("POST", "/experiments/{}/note"): _of("/experiments/{}/note", Maker.experiment, {"content": "c"}),
    ("PUT", "/experiments/{}/note/{}"): _of("{}", lambda maker: maker.noted("experiments"), {"content": "c"}),
    ("DELETE", "/experiments/{}/note/{}"): _of("{}", lambda maker: maker.noted("experiments")),
    ("POST", "/tags"): _new("/tags", lambda: {"name": fresh("tag")}),
    ("PUT", "/tags/{}"): _of("/tags/{}", Maker.tag, {"color": "#fff"}),
    ("DELETE", "/tags/{}"): _of("/tags/{}", Maker.tag),
    ("POST", "/projects/pinned-sequences"): _new("/projects/pinned-sequences", lambda: {"sequences": []}),
    ("POST", "/dashboards"): _new("/dashboards", lambda: {"name": "a dashboard"}),
    ("PUT", "/dashboards/{}"): _of("/dashboards/{}", Maker.dashboard, {}),
    ("DELETE", "/dashboards/{}"): _of("/dashboards/{}", Maker.dashboard),
    ("POST", "/apps"): _new("/apps", lambda: {"type": "board", "state": {}}),
    ("PUT", "/apps/{}"): _of("/apps/{}", Maker.app, {"state": {"a": 1}}),
    ("DELETE", "/apps/{}"): _of("/apps/{}", Maker.app),
    ("POST", "/reports"): _new("/reports", lambda: {"name": "a report"}),
    ("PUT", "/reports/{}"): _of("/reports/{}", Maker.report, {}),
    ("DELETE", "/reports/{}"): _of("/reports/{}", Maker.report),
    ("POST", "/artifacts/presign"): _new("/artifacts/presign", lambda: {"run_id": "r", "artifact_path": "a"}),
    ("POST", "/api/v1/ingest/runs/{}"): _new(f"/api/v1/ingest/runs/{fresh('run')}", lambda: {"type": "create_run"}),
    ("PUT", "/api/v1/uploads/{}"): _of("{}", Maker.upload),
}
"""How each route is asked so that it succeeds."""

NO_EVENTS = {("POST", "/artifacts/presign"), ("PUT", "/api/v1/uploads/{}")}
"""They promise a place and fill it: nobody sees bytes that no event names."""


def _key(route: Route) -> tuple[str, str]:
    return route.method, re.sub(r"{\w+}", "{}", route.path)


async def _ask(product: Product, route: Route, asked: Asked, prefix: str, **headers: str) -> httpx.Response:
    path, body = asked
    return await product.client.request(route.method, prefix + path, json=body, headers=headers)


async def _written(product: Product) -> dict[TopicPartition, int]:
    return await product.log.end_offsets()


async def _history(product: Product, request_id: str) -> list[Document]:
    await product.caught_up()
    history = ViewNames(1).collection(tables.HISTORY)
    found = product.documents.find(history, Condition("request_id", "eq", request_id))
    return [entry async for batch in found for entry in batch]


async def test_every_mutation_of_the_routing_table_is_asked_here() -> None:
    assert set(READY) == {_key(route) for route in MUTATIONS}


each_mutation = pytest.mark.parametrize("route", MUTATIONS, ids=lambda route: f"{route.method} {route.path}")


@each_mutation
async def test_a_page_of_another_origin_is_refused_and_nothing_is_written(product: Product, route: Route) -> None:
    for prefix in route.prefixes or ("",):
        asked = await READY[_key(route)](Maker(product))
        before = await _written(product)
        for origin in FOREIGN:
            answer = await _ask(product, route, asked, prefix, Origin=origin)
            refused(answer, 403, "This origin may not change anything here")
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert await _written(product) == before
        # What was refused was only the page: the same request succeeds without it.
        assert (await _ask(product, route, asked, prefix)).is_success


@each_mutation
async def test_our_own_page_and_one_of_the_list_may(product: Product, route: Route) -> None:
    for prefix in route.prefixes or ("",):
        for origin in (OURS, LISTED):
            answer = await _ask(product, route, await READY[_key(route)](Maker(product)), prefix, Origin=origin)
            assert answer.is_success, answer.text
            assert answer.headers.get("Access-Control-Allow-Origin") == (LISTED if origin == LISTED else None)


@each_mutation
async def test_a_preflight_lets_pages_of_the_list_ask_and_read_a_refusal(product: Product, route: Route) -> None:
    path, _ = await READY[_key(route)](Maker(product))
    wanted = {
        "Origin": LISTED,
        "Access-Control-Request-Method": route.method,
        "Access-Control-Request-Headers": "content-type,x-timezone-offset",
    }
    for prefix in route.prefixes or ("",):
        preflight = await product.client.options(prefix + path, headers=wanted)
        assert preflight.status_code == 200
        refusal = await product.client.request(route.method, f"{prefix}{path}/none/none", headers={"Origin": LISTED})
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (404, "not_found")
        for answer in (preflight, refusal):
            assert answer.headers["Access-Control-Allow-Origin"] == LISTED
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert route.method in preflight.headers["Access-Control-Allow-Methods"]


@each_mutation
async def test_a_mutation_is_in_the_history_with_its_request_and_says_that_nobody_vouches_for_its_actor(
    product: Product, route: Route
) -> None:
    for prefix in route.prefixes or ("",):
        asked, request_id = await READY[_key(route)](Maker(product)), fresh("request")
        before = await _written(product)
        headers = {"X-Request-Id": request_id, "X-User": "mallory"}
        answer = await _ask(product, route, asked, prefix, **headers)
        assert answer.is_success, answer.text
        entries = await _history(product, request_id)
        added = sum((await _written(product)).values()) - sum(before.values())
        assert (len(entries), added > 0) == (added, _key(route) not in NO_EVENTS)
        assert {(entry["actor"], entry["outcome"]) for entry in entries} <= {("claimed", "applied")}
