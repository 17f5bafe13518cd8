"""Nothing that a client sends is answered 5xx or as a page, and what is refused leaves the log as it was."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from tests.e2e.hostile_requests import Endpoint, Hostile, endpoints, on_bodies, on_parameters, on_paths, on_queries
from tests.vectors.composed import Product, embedded

from contracts.position import TopicPartition
from query_api.bootstrap import ui_routes
from query_api.http.ui import user_interface

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORD = "text"
"""Bodies made from the OpenAPI file hold it everywhere: the name of a metric, and of a run that one of them deletes."""
RUN = "kept"
SAVED = {"app": {"type": "board", "state": {}}, "dashboard": {"name": "first"}, "report": {"name": "first"}}
API_MOUNTS = ("/api/", "/health/")
BODY_BYTES = 70 << 20
CHUNK = b"x" * (1 << 20)


@dataclass(frozen=True)
class Target:
    """known: parameters of paths that name something. experiment_note: what `note_id` is below an experiment."""

    product: Product
    known: dict[str, str]
    experiment_note: str

    @property
    def endpoints(self) -> list[Endpoint]:
        return endpoints(self.product.app)

    def known_to(self, endpoint: Endpoint) -> dict[str, str]:
        if "{experiment_id}" in endpoint.path:
            return {**self.known, "note_id": self.experiment_note}
        return self.known


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Target]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "index-template.html").write_text("<html>a page</html>")
    ui = user_interface("aim", "", folder)
    assert ui is not None
    async with embedded(folder, ui_routes(ui)) as product:
        known = await _filled(product)
        note = await product.client.post(f"/api/experiments/{known['experiment_id']}/note", json={"content": "first"})
        yield Target(product, known, note.json()["id"])


async def _filled(product: Product) -> dict[str, str]:
    messages = [
        {"type": "create_run"},
        {"type": "log_hparams", "value": {"lr": 0.1}},
        *({"type": "log_metric", "name": WORD, "value": step / 3, "step": step} for step in range(10)),
        {"type": "log_metric", "name": "loss", "value": 1.0, "step": 0, "context": {"a": 1}},
    ]
    uploaded = {"type": "blob_ref", "s3_key": f"{RUN}/{WORD}", "artifact_path": WORD}
    ids = {"run_id": RUN, "path": WORD}
    wanted = {"run_id": RUN, "artifact_path": WORD}
    permit = (await product.client.post("/api/v1/rest/artifacts/presign", json=wanted)).json()
    assert (await product.client.put(permit["upload_url"], content=b"bytes")).status_code == 204
    for run_id, sent in ((RUN, [*messages, uploaded]), (WORD, messages)):
        answer = await product.client.post(f"/api/v1/ingest/runs/{run_id}", json=sent)
        assert (answer.status_code, answer.json()["rejected"]) == (200, [])
    for kind in ("tag", "experiment"):
        ids[f"{kind}_id"] = (await product.client.post(f"/api/{kind}s", json={"name": "first"})).json()["id"]
    for kind, body in SAVED.items():
        ids[f"{kind}_id"] = (await product.client.post(f"/api/{kind}s", json=body)).json()["id"]
    note = await product.client.post(f"/api/v1/rest/runs/{RUN}/note", json={"content": "first"})
    await product.caught_up()
    return {**ids, "note_id": note.json()["id"]}


async def offsets(target: Target) -> dict[TopicPartition, int]:
    return await target.product.log.end_offsets()


async def faults(target: Target, requests: Iterable[Hostile]) -> list[str]:
    """What is wrong with the answers."""
    found = []
    before = await offsets(target)
    for request in requests:
        answer = await target.product.client.request(
            request.method,
            request.path,
            params=dict(request.params) or None,
            headers=list(request.headers),
            content=request.content,
        )
        after = await offsets(target)
        wrong = _wrong(request, answer)
        if answer.is_error and after != before:
            wrong = wrong or "was refused and yet written"
        if wrong:
            found.append(f"{request}: {answer.status_code} {wrong}: {answer.text[:200]!r}")
        before = after
    return found + await unreadable(target)


async def unreadable(target: Target) -> list[str]:
    """What was taken by the way must not be the end of any read."""
    await target.product.caught_up()
    found = []
    for endpoint in target.endpoints:
        if endpoint.method == "GET":
            known = target.known_to(endpoint)
            path = endpoint.filled(known, "unknown")
            params = {name: known[name] for name in endpoint.query if name in known}
            answer = await target.product.client.get(path, params=params)
            if answer.status_code != 200:
                found.append(f"afterwards {path}: {answer.status_code} {answer.text[:200]!r}")
    return found


def _wrong(request: Hostile, answer: httpx.Response) -> str:
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code >= 500 or not (answer.is_success or answer.is_client_error):
        return "is no refusal"
    if request.documented and answer.status_code not in request.documented:
        return "is no status of the OpenAPI file"
    if answer.is_success:
        return "is a page" if kind.startswith("text/html") and _in_api(request.path) else ""
    if kind != "application/json":
        return f"is {kind}"
    return "" if _is_envelope(answer.json()) else "is no envelope"


def _in_api(path: str) -> bool:
    """Dot segments are the client's to resolve: what reaches the server is the path as the client sent it."""
    return path.startswith(API_MOUNTS)


def _is_envelope(body: object) -> bool:
    if not isinstance(body, dict) or set(body) != {"message", "detail", "error"}:
        return False
    return bool(body["message"]) and set(body["error"]) == {"code", "message"}


async def test_ids_that_are_none(target: Target) -> None:
    assert await faults(target, (r for e in target.endpoints for r in on_paths(e, target.known_to(e)))) == []


async def test_parameters_and_headers(target: Target) -> None:
    assert await faults(target, (r for e in target.endpoints for r in on_parameters(e, target.known_to(e)))) == []


async def test_hostile_queries(target: Target) -> None:
    assert await faults(target, (r for e in target.endpoints for r in on_queries(e))) == []


async def test_bodies(target: Target) -> None:
    assert await faults(target, (r for e in target.endpoints for r in on_bodies(e, target.known_to(e)))) == []


@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_is_413_without_being_held(target: Target, announced: bool) -> None:
    for endpoint in target.endpoints:
        if endpoint.method not in {"POST", "PUT"} or endpoint.path.startswith("/api/v1/uploads/"):
            continue  # an upload has a limit of its own, and a token that nobody gave out is refused before a byte
        body = Chunks()
        headers = {"Content-Length": str(BODY_BYTES)} if announced else {}
        path = endpoint.filled(target.known_to(endpoint), "unknown")
        before = await offsets(target)
        answer = await target.product.client.request(endpoint.method, path, content=body.chunks(), headers=headers)
        if endpoint.body is None and not announced:
            assert body.taken == 0, path
        else:
            assert (answer.status_code, await offsets(target)) == (413, before), path
            assert _is_envelope(answer.json())
            assert body.taken <= (0 if announced else 65), path


class Chunks:
    """70 MiB; how many MiB of it were taken."""

    def __init__(self) -> None:
        self.taken = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES // len(CHUNK)):
            yield CHUNK
            self.taken += 1
