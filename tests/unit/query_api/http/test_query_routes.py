"""The handlers are those of the routing table, and each answers under both prefixes."""

import pytest
from litestar.handlers import HTTPRouteHandler
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments
from tests.unit.query_api.board_documents import app, dashboard, report
from tests.unit.query_api.world import World

from contracts.routes import ROUTES
from query_api.bootstrap import build


def _shape(method: str, path: str) -> tuple[str, str]:
    """Names of parameters do not matter."""
    return method, "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def _shapes(handlers: "list[HTTPRouteHandler]") -> set[tuple[str, str]]:
    return {_shape(method, path) for one in handlers for method in one.http_methods for path in one.paths}


async def test_handlers_are_the_rows_of_the_query_side() -> None:
    queries = build(FakeDocuments(), FakeColumns(), FakeBlobs(), reference_key=b"k")
    rows = [route for route in ROUTES if route.side == "query"]
    both = {_shape(route.method, route.path) for route in rows if len(route.prefixes) == 2}
    ours = {_shape(route.method, route.path) for route in rows if len(route.prefixes) == 1}
    assert _shapes([*queries.rest]) == both
    assert _shapes([*queries.rest_only]) == ours
    assert _shapes([*queries.root]) == set()


_READS = [
    route.path for route in ROUTES
    if route.side == "query" and route.method == "GET" and len(route.prefixes) == 2
]  # fmt: skip


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", _READS)
async def test_both_prefixes_and_both_forms_give_the_same_answer(path: str, slash: str) -> None:
    world = await World.make()
    await world.experiment("x", "one")
    await world.tag("x", "one")
    await dashboard(world, "x")
    await app(world, "x")
    await report(world, "x")
    await world.run("x", experiment_id="x", tag_ids=["x"])
    filled = path.replace("{run_id}", "x").replace("{id}", "x").replace("{note_id}", "n") + slash
    filled += "?path=a.txt" if path.endswith("/download") else ""
    await world.note("x", "n", "a note", at=1.0)
    await world.experiment_note("x", "n", "a note", at=1.0)
    await world.artifact("x", "a.txt", b"bytes")
    async with world.client() as client:
        ours = await client.get(f"/api/v1/rest{filled}")
        aims = await client.get(f"/api{filled}")
    assert ours.status_code == 200, ours.text
    assert (ours.content, ours.headers["content-type"]) == (aims.content, aims.headers["content-type"])


async def test_before_the_projector_made_views_reads_are_503_and_readiness_says_why() -> None:
    world = World()
    async with world.client() as client:
        answer = await client.get("/api/tags")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        ready = await client.get("/health/ready")
    assert ready.status_code == 503
    assert "no views yet" in ready.json()["checks"]["views"]
