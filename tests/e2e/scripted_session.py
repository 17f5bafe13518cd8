"""One session against any server: ingest in all native forms, mutate, read. The answers of two servers can be compared.

Ids that the server chose become `id-1`, `id-2` … in the order in which they were first seen; times that it took from
its own clock become `now`. All else must be equal to the letter, positions in the log included.
"""

import json
import math
import re
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec
from tests.vectors_support.answers import noted

from contracts.aimcodec.reader import items
from contracts.routes import AIM_PREFIX, REST_PREFIX

PREFIXES = (REST_PREFIX, AIM_PREFIX)
PATIENCE_SECONDS = 60.0

_BEGAN = 1_750_000_000.0  # of all data; client times are given everywhere, so only what the server adds differs
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_RECENT_SECONDS = 86_400.0

JSON_RUN, LINES_RUN, COLUMNS_RUN, BINARY_RUN, DELETED_RUN = "by-json", "by-lines", "by-columns", "by-binary", "deleted"
RUNS = (JSON_RUN, LINES_RUN, COLUMNS_RUN, BINARY_RUN)

Answers = dict[str, Any]


@dataclass
class Session:
    """writes, reads: base addresses; the same one where one process serves both."""

    writes: str
    reads: str
    answers: Answers = field(default_factory=dict)
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    _ids: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        self._client.close()

    def run(self) -> Answers:
        """The whole session. Every answer under its own name, mapped as the module says."""
        self.ingest()
        self.mutate()
        self.read()
        return self.answers

    def ingest(self) -> None:
        """Send everything, and wait until it can be read."""
        self.send()
        for run_id in (*RUNS, DELETED_RUN):
            self._until_seen(run_id)

    def send(self) -> None:
        """Each run in another form of the native endpoint, and what is refused; a second call repeats every batch."""
        self._ingest("json", JSON_RUN, json.dumps(_json_messages()).encode(), "application/json")
        self._ingest("lines", LINES_RUN, _lines(), "application/x-ndjson")
        self._ingest("columns", COLUMNS_RUN, _columns(), "application/json")
        self._ingest("binary", BINARY_RUN, _binary(), "application/msgpack")
        self._ingest("deleted", DELETED_RUN, json.dumps({"type": "create_run"}).encode(), "application/json")
        self._ingest("nothing valid", JSON_RUN, b'[{"type": "unheard of"}]', "application/json")
        self._ingest("not JSON", JSON_RUN, b"{", "application/json")

    def mutate(self) -> None:
        """REST mutations, their refusals included."""
        write = self._write
        write("rename", "PUT", f"/runs/{JSON_RUN}/", {"name": "  renamed  ", "description": "why", "archived": False})
        write("archive", "PUT", f"/runs/{LINES_RUN}/", {"archived": True})
        write("stop", "PUT", f"/runs/{COLUMNS_RUN}/", {"active": False})
        write("rename nothing", "PUT", "/runs/nobody/", {"name": "x"})
        write("wrong type", "PUT", f"/runs/{JSON_RUN}/", {"archived": "perhaps"})
        tag = write("tag a run", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": "kept"})
        write("tag it again", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": "kept"})
        write("tag another", "POST", f"/runs/{BINARY_RUN}/tags/new/", {"tag_name": "kept"})
        write("untag it", "DELETE", f"/runs/{BINARY_RUN}/tags/{tag['tag_id']}/")
        write("untag it again", "DELETE", f"/runs/{BINARY_RUN}/tags/{tag['tag_id']}/")
        write("make a tag", "POST", "/tags/", {"name": "coloured", "color": "#ff0000", "description": "a tag"})
        write("make it again", "POST", "/tags/", {"name": "coloured"})
        write("note", "POST", f"/runs/{JSON_RUN}/note/", {"content": "looks good"})
        experiment = write("make an experiment", "POST", "/experiments/", {"name": "second"})
        write("change it", "PUT", f"/experiments/{experiment['id']}/", {"description": "the second one"})
        write("take its name", "POST", "/experiments/", {"name": "second"})
        write("move a run", "PUT", f"/runs/{BINARY_RUN}/", {"experiment": "second"})
        write("pin", "POST", "/projects/pinned-sequences/", {"sequences": [{"name": "loss", "context": {}}]})
        write("delete", "DELETE", f"/runs/{DELETED_RUN}/")
        write("delete it again", "DELETE", f"/runs/{DELETED_RUN}/")
        self._until_settled()

    def read(self) -> None:
        """Every read, under both prefixes; both must answer the same."""
        for run_id in (*RUNS, DELETED_RUN):
            self._json(f"info of {run_id}", f"/runs/{run_id}/info/")
        self._json("notes", f"/runs/{JSON_RUN}/note/")
        for name in ("experiments", "tags", "projects", "projects/activity", "projects/params", "dashboards", "apps"):
            self._json(name, f"/{name}/")
        self._json("pinned", "/projects/pinned-sequences/")
        for entity in ("experiments", "tags"):
            for number, found in enumerate(self._get(f"{REST_PREFIX}/{entity}/").json()):
                self._json(f"{entity} {number}", f"/{entity}/{found['id']}/")
        for query in ("", 'run.name == "renamed"', 'run.hparams.lr > 0.05 and "kept" in run.tags', "run.archived"):
            self._stream(f"runs where {query}", "/runs/search/run/", {"q": query, "report_progress": "false"})
        for query in ('metric.name == "loss"', 'metric.context.subset == "train"', "metric.last < 0.3"):
            self._stream(
                f"metrics where {query}", "/runs/search/metric/", {"q": query, "p": 3, "report_progress": "false"}
            )
        self._json("a query that is none", "/runs/search/run/", {"q": "run.name =="})
        self._stream("active", "/runs/active/", {"report_progress": "false"})
        wanted = [{"name": "loss", "context": {"subset": "train"}}, {"name": "loss", "context": {}}]
        for run_id in RUNS:
            self._json(f"points of {run_id}", f"/runs/{run_id}/metric/get-batch/", body=wanted)
        traces = [{**trace, "slice": [0, 0, 10]} for trace in wanted]
        align = {"align_by": "accuracy", "runs": [{"run_id": run_id, "traces": traces} for run_id in RUNS]}
        self._stream("aligned", "/runs/search/metric/align/", body=align)

    def _ingest(self, name: str, run_id: str, body: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type, "Idempotency-Key": f"session {name}"}
        address = f"{self.writes}/api/v1/ingest/runs/{run_id}"
        self._keep(f"ingest {name}", self._client.post(address, content=body, headers=headers))

    def _write(self, name: str, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, f"{self.writes}{REST_PREFIX}{path}", json=body)
        self._keep(name, answer)
        return answer.json()

    def _json(self, name: str, path: str, query: dict[str, Any] | None = None, body: Any = None) -> None:
        for prefix in PREFIXES:
            answer = self._get(f"{prefix}{path}", query, body)
            self._keep(f"{name} by {prefix}", answer)

    def _stream(self, name: str, path: str, query: dict[str, Any] | None = None, body: Any = None) -> None:
        for prefix in PREFIXES:
            answer = self._get(f"{prefix}{path}", query, body)
            assert answer.status_code == httpx.codes.OK, answer.text
            found = [[key, noted(tree)] for key, tree in items(answer.content)]
            self.answers[f"{name} by {prefix}"] = self._mapped(found)

    def _get(self, path: str, query: dict[str, Any] | None = None, body: Any = None) -> httpx.Response:
        method = "GET" if body is None else "POST"
        return self._client.request(method, f"{self.reads}{path}", params=query, json=body)

    def _until_seen(self, run_id: str) -> None:
        path = f"{REST_PREFIX}/runs/{run_id}/info/"
        self._until(lambda: self._get(path).status_code == httpx.codes.OK, f"run {run_id} is seen")

    def _until_settled(self) -> None:
        """A mutation that was not seen within its time answers all the same; reads come after all of them."""
        self._until(lambda: self._get(f"{REST_PREFIX}/runs/{DELETED_RUN}/info/").status_code == 404, "all is settled")

    def _until(self, reached: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:g} s: {what}"
            time.sleep(0.05)

    def _keep(self, name: str, answer: httpx.Response) -> None:
        body = answer.json() if answer.content else None
        self.answers[name] = {"status": answer.status_code, "body": self._mapped(body)}

    def _mapped(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._mapped(key): self._mapped(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._mapped(member) for member in value]
        if isinstance(value, str):
            return "now" if _is_recent_text(value) else _UUID.sub(self._id, value)
        if isinstance(value, float):
            return "now" if abs(time.time() - value) < _RECENT_SECONDS else value
        return value

    def _id(self, found: "re.Match[str]") -> str:
        return self._ids.setdefault(found[0], f"id-{len(self._ids) + 1}")


def _is_recent_text(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(time.time() - moment.timestamp()) < _RECENT_SECONDS


def _beginning(number: int, name: str) -> list[dict[str, Any]]:
    began = _BEGAN + 100 * number
    params = {"hparams": {"lr": 0.01 * number, "layers": [8, 8], "kind": name, "nothing": None}}
    return [
        {"type": "create_run", "client_datetime": began, "creation_time": began},
        {"type": "set_run_property", "name": f"run {name}", "experiment": "first"},
        {"type": "log_hparams", "value": params},
        {"type": "add_tag", "tag_name": f"by {name}"},
    ]


def _point(name: str, context: dict[str, Any] | None, step: int | None, value: float) -> dict[str, Any]:
    time_of = _BEGAN + 1_000 + (step or 0)
    return {
        "type": "log_metric",
        "name": name,
        "context": context,
        "step": step,
        "value": value,
        "epoch": 0,
        "client_datetime": time_of,
    }


def _json_messages() -> list[dict[str, Any]]:
    points = [_point("loss", {"subset": "train"}, step, 1 / (step + 1)) for step in range(20)]
    points += [_point("accuracy", {"subset": "train"}, step, step / 20) for step in range(0, 20, 2)]
    points += [_point("loss", None, None, 0.5), _point("loss", {}, None, math.nan)]
    finish = {"type": "finish_run", "client_datetime": _BEGAN + 2_000, "end_time": _BEGAN + 2_000}
    return [*_beginning(10, "json"), *points, {"type": "remove_tag", "tag_name": "never given"}, finish]


def _lines() -> bytes:
    messages = [*_beginning(2, "lines"), *(_point("loss", {"subset": "val"}, step, step) for step in range(5))]
    lines = [json.dumps(message).encode() for message in messages]
    return b"\n".join([*lines[:3], b"this is no JSON", *lines[3:]])


_SERIES = [
    {"name": "loss", "context": {"subset": "train"}, "dtype": "float"},
    {"name": "accuracy", "context": {"subset": "train"}},
]


def _columns() -> bytes:
    steps = list(range(50))
    points = {
        "series": [step % 2 for step in steps],
        "step": steps,
        "value": [step / 7 for step in steps],
        "epoch": [step // 10 for step in steps],
        "client_datetime": [_BEGAN + 3_000 + step for step in steps],
    }
    return json.dumps(
        [*_beginning(3, "columns"), {"type": "log_metrics", "series": _SERIES, "points": points}]
    ).encode()


def _binary() -> bytes:
    count = 1_000
    steps = [number // 2 for number in range(count)]
    points = {
        "series": struct.pack(f"<{count}I", *(number % 2 for number in range(count))),
        "step": struct.pack(f"<{count}q", *steps),
        "value": struct.pack(f"<{count}d", *(math.sin(step / 30) for step in steps)),
        "epoch": struct.pack(f"<{count}q", *(step // 100 for step in steps)),
        "client_datetime": struct.pack(f"<{count}d", *(_BEGAN + 4_000 + step for step in steps)),
    }
    return msgspec.msgpack.encode(
        [*_beginning(4, "binary"), {"type": "log_metrics", "series": _SERIES, "points": points}]
    )
