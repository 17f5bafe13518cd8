"""The data set of the recorded answers as messages of native ingestion, and through that endpoint into a product."""

import base64
from typing import Any

import httpx
import msgspec
import numpy as np
from tests.vectors_support.dataset import dataset, plain

_MSGPACK = {"Content-Type": "application/msgpack"}
_DTYPES = {
    "images": "image",
    "audios": "audio",
    "texts": "text",
    "distributions": "distribution",
    "figures": "figure",
}

Message = dict[str, Any]


async def load_runs(client: httpx.AsyncClient) -> None:
    """Every run with all that belongs to it, by the native endpoint alone.

    Tags and experiments come to be by their names; their colours, descriptions and flags no message can say.
    """
    for run in dataset()["runs"]:
        answer = await client.post(
            f"/api/v1/ingest/runs/{run['hash']}",
            content=msgspec.msgpack.encode(run_messages(run)),
            headers={**_MSGPACK, "Idempotency-Key": f"dataset-{run['hash']}"},
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["rejected"] == [], run["hash"]


def run_messages(run: dict[str, Any]) -> list[Message]:
    """What a client would have sent, times included."""
    properties = {key: run[key] for key in ("name", "description", "experiment", "archived")}
    messages: list[Message] = [
        {"type": "create_run", "creation_time": run["creation_time"]},
        {"type": "set_run_property", **{key: value for key, value in properties.items() if value is not None}},
        *({"type": "log_hparams", "value": {key: plain(value)}} for key, value in run["params"].items()),
        *(message for sequence in run["sequences"] for message in sequence_messages(sequence)),
        *({"type": "log_terminal_line", "line": line["data"], "step": line["step"]} for line in run["logs"]),
        *(_record(record) for record in run["log_records"]),
        *({"type": "artifact", **artifact} for artifact in run["artifacts"]),
        *(_note(note) for note in run["notes"]),
        *({"type": "add_tag", "tag_name": name} for name in run["tags"]),
    ]
    if not run["active"]:
        messages.append({"type": "finish_run", "end_time": run["end_time"]})
    return messages


def object_value(kind: str, record: dict[str, Any]) -> Message:
    """One object as the endpoint takes it."""
    if kind in ("images", "audios"):
        return {**record, "data": base64.b64decode(record["data"])}
    if kind == "distributions":
        weights = np.array(record["weights"], np.dtype(record["dtype"]).newbyteorder("<"))
        return {key: record[key] for key in ("dtype", "bin_count", "range")} | {"data": weights.tobytes()}
    return record


def sequence_messages(sequence: dict[str, Any]) -> list[Message]:
    if sequence["kind"] == "metric":
        return [_metric(sequence)]
    kind = sequence["kind"]
    rows = zip(sequence["steps"], sequence["records"], sequence["epochs"], sequence["times"], strict=True)
    return [
        {
            "type": "log_custom_object",
            "name": sequence["name"],
            "context": sequence["context"],
            "dtype": _DTYPES[kind],
            "value": [object_value(kind, one) for one in logged]
            if isinstance(logged, list)
            else object_value(kind, logged),
            "step": step,
            "epoch": epoch,
            "client_datetime": time,
        }
        for step, logged, epoch, time in rows
    ]


def _metric(sequence: dict[str, Any]) -> Message:
    """An entry of the series table for each type of its values, so that a mixed series is known as one."""
    values = [plain(value) for value in sequence["values"]]
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


def _record(record: dict[str, Any]) -> Message:
    return {"type": "log_record", **{key: record[key] for key in ("message", "level", "timestamp", "extra_args")}}


def _note(note: dict[str, Any]) -> Message:
    return {"type": "note", **{key: note[key] for key in ("content", "created_at", "updated_at")}}
