"""Everything that a run shows over HTTP, by every row of the REST contract that the client calls."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx

from contracts.aimcodec.reader import items

_ALL = 1 << 30
OBJECTS = ("images", "texts", "distributions", "audios", "figures")
_WITH_BYTES = ("images", "audios")

Shown = Mapping[str, Any]
"""info, metrics: as the rows answer. metric, images, ...: the search's traces. lines, records: pairs of key and value.
files, archive: bytes by path, one by one and as all in one.
"""


async def read_run(http: httpx.AsyncClient, run_id: str) -> Shown:
    """Twice the same if nothing changed: signed references are replaced by the bytes that they open."""
    info = (await _get(http, f"/runs/{run_id}/info/")).json()
    wanted = [{"name": each["name"], "context": each["context"]} for each in info["traces"]["metric"]]
    answer = await http.post(f"/runs/{run_id}/metric/get-batch/", params={"record_density": 50_000}, json=wanted)
    shown: dict[str, Any] = {"info": info, "metrics": answer.raise_for_status().json()}
    for kind in ("metric", *OBJECTS):
        shown[kind] = await _searched(http, run_id, kind)
    for kind in _WITH_BYTES:
        for trace in shown[kind]:
            await _open_references(http, kind, trace)
    shown["lines"] = items((await _get(http, f"/runs/{run_id}/logs/", record_range=":")).content)
    shown["records"] = items((await _get(http, f"/runs/{run_id}/log-records/", record_range=":")).content)
    paths = [artifact["path"] for artifact in info["artifacts"]]
    shown["files"] = {
        path: (await _get(http, f"/runs/{run_id}/artifacts/download/", path=path)).content for path in paths
    }
    shown["archive"] = await _archive(http, run_id) if paths else {}
    return shown


async def _archive(http: httpx.AsyncClient, run_id: str) -> dict[str, bytes]:
    content = (await _get(http, f"/runs/{run_id}/artifacts/download-all/")).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.namelist()
        assert len(members) == len(set(members)), members
        return {name: archive.read(name) for name in members}


async def _searched(http: httpx.AsyncClient, run_id: str, kind: str) -> list[dict[str, Any]]:
    density = {"p": -1} if kind == "metric" else {"record_density": _ALL, "index_density": _ALL}
    query = {"q": f'run.hash == "{run_id}" and (run.archived or not run.archived)', "report_progress": "false"}
    answer = await _get(http, f"/runs/search/{kind}/", skip_system="false", **query, **density)
    found = items(answer.content)
    assert [key for key, _ in found] in ([run_id], []), "each run once"
    return [trace for _, tree in found for trace in tree["traces"]]


async def _open_references(http: httpx.AsyncClient, kind: str, trace: dict[str, Any]) -> None:
    for objects in trace["values"]:
        references = [each.pop("blob_uri") for each in objects]
        answer = await http.post(f"/runs/{kind}/get-batch/", json=references)
        contents = dict(items(answer.raise_for_status().content))
        for each, reference in zip(objects, references, strict=True):
            each["bytes"] = contents[reference]


async def _get(http: httpx.AsyncClient, path: str, /, **query: str | int) -> httpx.Response:
    return (await http.get(path, params=query)).raise_for_status()
