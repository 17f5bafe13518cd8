"""Everything that a run shows over HTTP, by every row of the REST contract that the client calls."""

from collections.abc import Mapping
from typing import Any

import httpx

from contracts.aimcodec.reader import items

_ALL = 1 << 30
_OBJECTS = ("images", "texts", "distributions", "audios", "figures")
_WITH_BYTES = ("images", "audios")

Shown = Mapping[str, Any]
"""info, metrics: as the rows answer. metric, images, ...: the search's traces. lines, records: by number. files: bytes
by path. archive: the size of all of them in one. seen: bytes of objects, by kind, series and step."""


async def read_run(http: httpx.AsyncClient, run_id: str) -> Shown:
    """Twice the same if nothing changed: signed references are replaced by what they open."""
    info = (await _get(http, f"/runs/{run_id}/info/")).json()
    wanted = [{"name": each["name"], "context": each["context"]} for each in info["traces"]["metric"]]
    answer = await http.post(f"/runs/{run_id}/metric/get-batch/", params={"record_density": 50_000}, json=wanted)
    shown: dict[str, Any] = {"info": info, "metrics": answer.raise_for_status().json(), "seen": {}}
    for kind in ("metric", *_OBJECTS):
        shown[kind] = await _searched(http, run_id, kind)
    for kind in _WITH_BYTES:
        for trace in shown[kind]:
            await _open_references(http, kind, trace, shown["seen"])
    shown["lines"] = dict(items((await _get(http, f"/runs/{run_id}/logs/", record_range=":")).content))
    shown["records"] = dict(items((await _get(http, f"/runs/{run_id}/log-records/", record_range=":")).content))
    paths = [artifact["path"] for artifact in info["artifacts"]]
    shown["files"] = {
        path: (await _get(http, f"/runs/{run_id}/artifacts/download/", path=path)).content for path in paths
    }
    if paths:
        shown["archive"] = len((await _get(http, f"/runs/{run_id}/artifacts/download-all/")).content)
    return shown


async def _searched(http: httpx.AsyncClient, run_id: str, kind: str) -> list[dict[str, Any]]:
    density = {"p": -1} if kind == "metric" else {"record_density": _ALL, "index_density": _ALL}
    query = {"q": f'run.hash == "{run_id}" and (run.archived or not run.archived)', "report_progress": "false"}
    answer = await _get(http, f"/runs/search/{kind}/", skip_system="false", **query, **density)
    found = items(answer.content)
    assert [key for key, _ in found] in ([run_id], []), "each run once"
    return [trace for _, tree in found for trace in tree["traces"]]


async def _open_references(http: httpx.AsyncClient, kind: str, trace: dict[str, Any], seen: dict[str, bytes]) -> None:
    for step, objects in zip(trace["iters"], trace["values"], strict=True):
        references = [each.pop("blob_uri") for each in objects]
        answer = await http.post(f"/runs/{kind}/get-batch/", json=references)
        for number, (_, content) in enumerate(items(answer.raise_for_status().content)):
            seen[f"{kind} {trace['name']} {step} {number}"] = content


async def _get(http: httpx.AsyncClient, path: str, /, **query: str | int) -> httpx.Response:
    return (await http.get(path, params=query)).raise_for_status()
