"""The data set of the recorded answers, logged as a client would: names by REST, runs by native ingestion."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
from tests.vectors_support import dataset

_MSGPACK = {"Content-Type": "application/msgpack"}
_API = "/api/v1/rest"
_LISTED = ("language", "default", "vision")

Ids = dict[str, str]
"""Recorded id to ours: of experiments, tags and notes."""


async def load(client: httpx.AsyncClient) -> Ids:
    """Log everything that the data set holds but notes."""
    data = dataset()
    ids: Ids = {}
    for tag in data["tags"]:
        body = {key: tag[key] for key in ("name", "color", "description")}
        ids[tag["id"]] = (await _sent(client, "POST", "/tags", body))["id"]
    # REST gives experiments their time of creation, so they are made in the order in which the recording lists them.
    for experiment in sorted(data["experiments"], key=lambda one: _LISTED.index(one["name"])):
        answer = await _sent(client, "POST", "/experiments", {"name": experiment["name"]})
        ids[experiment["id"]] = answer["id"]
        change = {"description": experiment["description"], "archived": experiment["archived"]}
        await _sent(client, "PUT", f"/experiments/{answer['id']}", change)
    for run in data["runs"]:
        await _ingest(client, run)
    return ids


async def add_notes(client: httpx.AsyncClient, ids: Ids) -> None:
    """Notes last: they belong to runs that the views must show."""
    for run in dataset()["runs"]:
        for note in run["notes"]:
            body = {"content": note["content"]}
            ids[str(note["id"])] = (await _sent(client, "POST", f"/runs/{run['hash']}/note", body))["id"]


async def _sent(client: httpx.AsyncClient, method: str, path: str, body: Any) -> Any:
    answer = await client.request(method, _API + path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def _ingest(client: httpx.AsyncClient, run: dict[str, Any]) -> None:
    messages = list(_messages(run))
    answer = await client.post(
        f"/api/v1/ingest/runs/{run['hash']}", content=msgspec.msgpack.encode(messages), headers=_MSGPACK
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["rejected"] == [], run["hash"]


def _messages(run: dict[str, Any]) -> list[dict[str, Any]]:
    properties = {key: run[key] for key in ("name", "description", "experiment", "archived")}
    messages = [
        {"type": "create_run", "creation_time": run["creation_time"]},
        {"type": "set_run_property", **{key: value for key, value in properties.items() if value is not None}},
        *({"type": "log_hparams", "value": {key: _plain(value)}} for key, value in run["params"].items()),
        *(message for sequence in run["sequences"] if sequence["kind"] != "metric" for message in _objects(sequence)),
        *({"type": "log_terminal_line", "line": line["data"], "step": line["step"]} for line in run["logs"]),
        *(_log_record(record) for record in run["log_records"]),
        # The recording lists them by path, we in the order in which they came.
        *({"type": "artifact", **artifact} for artifact in sorted(run["artifacts"], key=lambda one: one["path"])),
        *(_metric(sequence) for sequence in run["sequences"] if sequence["kind"] == "metric"),
        *({"type": "add_tag", "tag_name": name} for name in run["tags"]),
    ]
    if not run["active"]:
        messages.append({"type": "finish_run", "end_time": run["end_time"]})
    return messages


def _metric(sequence: dict[str, Any]) -> dict[str, Any]:
    """An entry of the series table for each type of its values, so that a mixed series is known as one."""
    values = [_plain(value) for value in sequence["values"]]
    dtypes = sorted({type(value).__name__ for value in values})
    return {
        "type": "log_metrics",
        "series": [{"name": sequence["name"], "context": sequence["context"], "dtype": dtype} for dtype in dtypes],
        "points": {
            "series": [dtypes.index(type(value).__name__) for value in values],
            "step": sequence["steps"],
            "value": values,
            "epoch": sequence["epochs"],
            "client_datetime": sequence["times"],
        },
    }


def _objects(sequence: dict[str, Any]) -> Iterator[dict[str, Any]]:
    columns = (sequence[name] for name in ("steps", "records", "epochs", "times"))
    for step, record, epoch, time in zip(*columns, strict=True):
        yield {
            "type": "log_custom_object",
            "name": sequence["name"],
            "context": sequence["context"],
            "dtype": sequence["kind"],
            "value": [_object(one) for one in record] if isinstance(record, list) else _object(record),
            "step": step,
            "epoch": epoch,
            "client_datetime": time,
        }


def _object(record: dict[str, Any]) -> dict[str, Any]:
    """Bytes of images and sounds are base64 in the data set, weights have another name there."""
    members = {"data" if key == "weights" else key: value for key, value in record.items()}
    return {**members, "data": base64.b64decode(members["data"])} if "caption" in members else members


def _log_record(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "log_record", **{key: value for key, value in record.items() if key != "step"}}


def _plain(noted: Any) -> Any:
    """The value behind the notation of the data set."""
    if isinstance(noted, list):
        return [_plain(value) for value in noted]
    if not isinstance(noted, dict):
        return noted
    if "__float__" in noted:
        return float(noted["__float__"])
    if "__int_keys__" in noted:
        return {int(key): _plain(value) for key, value in noted["__int_keys__"].items()}
    return {key: _plain(value) for key, value in noted.items()}
