"""After a rebuild every read answers as before: every GET for everything in the data, and the POSTs that only read.

References to bytes are signed anew each day, so what they open is compared in their place.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.vectors.composed import Product, embedded
from tests.vectors.loading import load
from tests.vectors_support import dataset
from tests.vectors_support.answers import noted

from contracts.aimcodec.reader import items
from contracts.routes import REST_PREFIX, ROUTES, Route
from projector.bootstrap import rebuild
from stores.columns.clickhouse import ClickHouseColumns
from stores.documents.sqlite import SqliteDocuments

READS = [route for route in ROUTES if route.side == "query"]
NONE = "none"
LARGE = "x" * 300_000
KINDS = ("images", "texts", "distributions", "audios", "figures")
_QUERIES = ("", "()", "run.archived", 'run.name == "x"', "run.hparams.learning_rate > 0", "run.x ==")
_SEARCHED: tuple[dict[str, str], ...] = (
    {},
    {"record_density": "2"},
    {"record_range": "1:3", "index_range": "0:1"},
    {"p": "3", "limit": "2"},
)

Params = dict[str, str]
Ids = dict[str, list[tuple[str, ...]]]
"""Values of the parameters of paths, by the part of the path that names their kind."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    params: Params
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.params} {self.body}"


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with embedded(tmp_path) as product:
        yield product


async def test_every_read_answers_as_before_a_rebuild(product: Product) -> None:
    ids = await _filled(product.client)
    await product.caught_up()
    wanted = [asked for route in READS for asked in _of_route(route, ids)]
    before = [await _answer(product.client, asked) for asked in wanted]
    statuses = [answer["status"] for answer in before]
    assert set(statuses) == {200, 400, 404}
    assert statuses.count(200) > len(wanted) // 2 > 400

    await product.projector.stop()
    assert isinstance(product.documents, SqliteDocuments)
    assert isinstance(product.columns, ClickHouseColumns)
    report = await rebuild(product.log, product.documents, product.columns, drop_previous=True)
    assert (report.version, report.invalid) == (report.previous + 1, ())

    for asked, answer in zip(wanted, before, strict=True):
        assert await _answer(product.client, asked) == answer, str(asked)


async def _answer(client: httpx.AsyncClient, asked: Asked) -> dict[str, Any]:
    """What a reader makes of it: status, and the trees or values of the body. Progress depends on the clock."""
    answer = await client.request(asked.method, asked.path, params=asked.params, json=asked.body)
    kind = answer.headers["Content-Type"]
    if kind == "application/json":
        return {"status": answer.status_code, "body": answer.json()}
    if kind != "application/octet-stream" or "/artifacts/" in asked.path:
        return {"status": answer.status_code, "kind": kind, "etag": answer.headers.get("ETag"), "body": answer.content}
    trees = [(key, noted(tree)) for key, tree in items(answer.content) if not str(key).startswith("progress_")]
    opened = await _opened(client, trees) if "/get-batch" not in asked.path or "/runs/images" not in asked.path else {}
    return {"status": answer.status_code, "body": _with_bytes(trees, opened)}


async def _opened(client: httpx.AsyncClient, trees: Any) -> dict[str, Any]:
    tokens = list(dict.fromkeys(_tokens(trees)))
    if not tokens:
        return {}
    answer = await client.post(f"{REST_PREFIX}/runs/images/get-batch", json=tokens)
    found = {str(token): noted(data) for token, data in items(answer.content)}
    assert set(found) == set(tokens)
    return found


def _tokens(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "blob_uri" in value:
            yield value["blob_uri"]
        for part in value.values():
            yield from _tokens(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tokens(part)


def _with_bytes(value: Any, opened: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: opened[part] if key == "blob_uri" else _with_bytes(part, opened) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_with_bytes(part, opened) for part in value]
    return value


def _of_route(route: Route, ids: Ids) -> Iterator[Asked]:
    """The route under each of its prefixes, for everything that its path can name."""
    first = route.path.strip("/").split("/")[0]
    kind = "notes of runs" if "{note_id}" in route.path and first == "runs" else first
    kind = "notes of experiments" if "{note_id}" in route.path and first == "experiments" else kind
    for prefix in route.prefixes:
        for values in ids[kind] if "{" in route.path else [()]:
            path = _filled_in(route.path, values)
            for params, body in _parts(route, values, ids):
                yield Asked(route.method, prefix + path, params, body)


def _filled_in(path: str, values: tuple[str, ...]) -> str:
    given = iter(values)
    return "/".join(next(given) if part.startswith("{") else part for part in path.split("/"))


def _parts(route: Route, values: tuple[str, ...], ids: Ids) -> list[tuple[Params, Any]]:
    """Params and bodies with which the route is asked."""
    match route.path.strip("/").split("/"):
        case ["runs", "search", "metric", "align"]:
            return [({}, _aligned())]
        case ["runs", "search", *_]:
            return [({"q": q, **more}, None) for q in _QUERIES for more in _SEARCHED]
        case ["runs", "images" | "audios", "get-batch"]:
            return [({}, [NONE])]
        case ["runs", _, kind, "get-batch" | "get-step"]:
            asked = _series(values[0], kind)
            return [({}, asked[at : at + 1]) for at in range(len(asked))] or [({}, [])]
        case ["runs", _, "artifacts", "download"]:
            return [({"path": path}, None) for path in ("model.bin", NONE)]
        case ["runs", _, "logs" | "log-records"]:
            return [({"record_range": one}, None) for one in ("", "0:3", "5:")]
        case [_, "search"]:
            return [({"q": q}, None) for q in ("", "a", NONE)]
        case ["experiments", _, "runs"]:
            return [({}, None), ({"limit": "1"}, None)]
        case _:
            return [({}, None)]


def _series(run_id: str, kind: str) -> list[dict[str, Any]]:
    """Names and contexts of what the data set says of the run."""
    runs = {run["hash"]: run for run in dataset()["runs"]}
    return [
        {"name": one["name"], "context": one["context"]}
        for one in (runs[run_id]["sequences"] if run_id in runs else ())
        if one["kind"] == kind
    ]


def _aligned() -> dict[str, Any]:
    runs = [
        {"run_id": run["hash"], "traces": [{**one, "slice": [0, 0, 50]} for one in _series(run["hash"], "metric")]}
        for run in dataset()["runs"]
    ]
    names = [one["name"] for run in runs for one in run["traces"]]
    return {"align_by": names[0], "runs": runs}


async def _filled(client: httpx.AsyncClient) -> Ids:
    """The recorded data, and one of everything that people make, change and remove."""
    await load(client)
    runs = [run["hash"] for run in dataset()["runs"]]
    ids: Ids = {"runs": [(one,) for one in (*runs, "deleted", NONE)], "projects": []}
    await _send(
        client, "POST", "/api/v1/ingest/runs/deleted", [{"type": "create_run"}, {"type": "note", "content": "x"}]
    )
    permit = await _send(client, "POST", "/artifacts/presign", {"run_id": runs[0], "artifact_path": "model.bin"})
    assert (await client.put(permit["upload_url"], content=b"bytes")).is_success
    announced = [{"type": "blob_ref", "s3_key": permit["s3_key"], "artifact_path": "model.bin"}]
    await _send(client, "POST", f"/api/v1/ingest/runs/{runs[0]}", announced)
    ids["notes of runs"] = [(runs[0], one) for one in await _notes(client, f"/runs/{runs[0]}")] + [(runs[1], NONE)]
    await _change_runs(client, runs)
    ids["experiments"] = await _listed(client, "experiments")
    experiment = ids["experiments"][0][0]
    notes = await _notes(client, f"/experiments/{experiment}")
    ids["notes of experiments"] = [(experiment, one) for one in notes]
    await _change_catalog(client, ids["experiments"], await _listed(client, "tags"))
    for kind in ("experiments", "tags"):
        ids[kind] = [*await _listed(client, kind), (NONE,)]
    await _save_pages(client)
    for kind in ("dashboards", "apps", "reports"):
        ids[kind] = [*await _listed(client, kind), (NONE,)]
    return ids


async def _change_runs(client: httpx.AsyncClient, runs: list[str]) -> None:
    await _send(client, "PUT", f"/runs/{runs[0]}", {"name": "renamed", "description": "why", "experiment": "new one"})
    await _send(client, "POST", "/runs/archive-batch", runs[1:3])
    await _send(client, "POST", "/runs/finish-batch", runs[2:4])
    await _send(client, "PUT", f"/runs/{runs[3]}", {"active": True})
    await _send(client, "POST", f"/runs/{runs[4]}/tags/new", {"tag_name": "a new tag"})
    await _send(client, "DELETE", "/runs/deleted")


async def _change_catalog(client: httpx.AsyncClient, experiments: list[Any], tags: list[Any]) -> None:
    await _send(client, "PUT", f"/experiments/{experiments[1][0]}", {"name": "renamed", "archived": True})
    await _send(client, "DELETE", f"/experiments/{experiments[2][0]}")
    await _send(client, "PUT", f"/tags/{tags[0][0]}", {"name": "renamed", "color": "red", "archived": True})
    await _send(client, "DELETE", f"/tags/{tags[1][0]}")
    pinned = {"sequences": [{"name": "loss", "context": {"subset": "val"}}]}
    await _send(client, "POST", "/projects/pinned-sequences", pinned)


async def _save_pages(client: httpx.AsyncClient) -> None:
    apps = [
        (await _send(client, "POST", "/apps", {"type": kind, "state": {"z": 1, "a": [1.0, LARGE]}}))["id"]
        for kind in ("runs", "metrics", "board")
    ]
    for app in apps:
        await _send(client, "POST", "/dashboards", {"name": "a page", "app_id": app})
    await _send(client, "PUT", f"/apps/{apps[0]}", {"state": {"b": 2}})
    await _send(client, "DELETE", f"/apps/{apps[1]}")
    for code in ("short", LARGE):
        report = await _send(client, "POST", "/reports", {"name": "weekly", "code": code})
    await _send(client, "PUT", f"/reports/{report['id']}", {"description": "why"})


async def _notes(client: httpx.AsyncClient, owner: str) -> list[str]:
    """Of three that are made here one is changed and one removed; the ids of all that are or were there."""
    made = [(await _send(client, "POST", f"{owner}/note", {"content": text}))["id"] for text in ("one", "two", LARGE)]
    await _send(client, "PUT", f"{owner}/note/{made[0]}", {"content": f"changed {LARGE}"})
    await _send(client, "DELETE", f"{owner}/note/{made[1]}")
    found = (await client.get(f"{REST_PREFIX}{owner}/note")).json()
    return [*(note["id"] for note in found), made[1]]


async def _listed(client: httpx.AsyncClient, kind: str) -> list[tuple[str, ...]]:
    return [(one["id"],) for one in (await client.get(f"{REST_PREFIX}/{kind}")).json()]


async def _send(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path if path.startswith("/api/") else REST_PREFIX + path, json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
