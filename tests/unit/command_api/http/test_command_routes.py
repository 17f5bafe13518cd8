"""What is registered is what the routing table says of the command side."""

import json
from collections.abc import Sequence

from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from tests.fakes import FakeBlobs, FakeDocuments, FakeEventLog
from tests.unit.command_api.http.service import Service

from command_api.bootstrap import build
from contracts.routes import AIM_PREFIX, REST_PREFIX, ROUTES


def shape(path: str) -> tuple[str, ...]:
    """Names of parameters do not matter."""
    return tuple("{}" if part.startswith("{") else part for part in path.strip("/").split("/"))


def registered(handlers: Sequence[object]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (method, shape(path))
        for handler in handlers
        if isinstance(handler, BaseRouteHandler)
        for path in handler.paths
        for method in (handler.http_methods if isinstance(handler, HTTPRouteHandler) else {"WEBSOCKET"})
        if method != "OPTIONS"
    ]


async def test_the_routes_are_the_tables_command_rows() -> None:
    log = FakeEventLog()
    api = build(log, log, FakeDocuments(), FakeBlobs())
    wanted = [route for route in ROUTES if route.side == "command"]
    for handlers, prefixes in ((api.rest, (REST_PREFIX, AIM_PREFIX)), (api.rest_only, (REST_PREFIX,)), (api.root, ())):
        of_table = [(route.method, shape(route.path)) for route in wanted if route.prefixes == prefixes]
        assert sorted(registered(handlers)) == sorted(of_table)


async def test_the_schema_names_every_route_once_and_shows_how_to_ingest(service: Service) -> None:
    schema = (await service.client.get("/schema/openapi.json")).json()
    paths = schema["paths"]
    wanted = {
        shape(route.path) for route in ROUTES if route.side in ("command", "each") and route.method != "WEBSOCKET"
    }
    assert len(paths) == len(wanted)
    ingest = paths["/api/v1/ingest/runs/{run_id}"]["post"]
    assert "curl http://localhost:53800/api/v1/ingest/runs/my-run" in ingest["description"]
    assert set(ingest["requestBody"]["content"]) == {"application/json", "application/msgpack", "application/x-ndjson"}
    assert [parameter["name"] for parameter in ingest["parameters"]] == ["run_id", "Idempotency-Key"]
    assert "Commands" not in json.dumps(schema)


async def test_the_example_of_the_description_works(service: Service) -> None:
    schema = (await service.client.get("/schema/openapi.json")).json()
    text = schema["paths"]["/api/v1/ingest/runs/{run_id}"]["post"]["description"]
    body = text.partition("-d '")[2].partition("'")[0]
    answer = await service.client.post("/api/v1/ingest/runs/my-run", content=body.encode())
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (200, 5, [])


async def test_it_is_ready_with_views_log_and_blobs(service: Service) -> None:
    answer = await service.client.get("/health/ready/")
    assert (answer.status_code, answer.json()["checks"]) == (200, {"views": "ok", "log": "ok", "blobs": "ok"})


async def test_ingestion_is_counted(service: Service) -> None:
    await service.client.post("/api/v1/ingest/runs/my-run", json=[{"type": "create_run"}, {}])
    page = (await service.client.get("/metrics")).text
    assert 'tallybook_command_ingested_messages_total{result="accepted"}' in page
    assert 'path="/api/v1/ingest/runs/{run_id}"' in page
