"""One session against any server: ingest in all native forms, mutate, read. The answers of two servers can be compared.

Ids that the server chose become `id-1`, `id-2` … in the order in which they were first seen; times that it took from
its own clock become `now`. All else must be equal to the letter, positions in the log included. Every read names the
positions of what was written before, so that a server whose views follow its log answers with them.
"""

import json
import math
import re
import struct
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec
from tests.vectors_support.answers import noted

from contracts.aimcodec.reader import items
from contracts.position import Position, decode_token, encode_token
from contracts.routes import AIM_PREFIX, REST_PREFIX

PREFIXES = (REST_PREFIX, AIM_PREFIX)
PATIENCE_SECONDS = 60.0
POSITION_HEADER = "X-Tallybook-Position"
VISIBLE_HEADER = "X-Tallybook-Visible"
_WAITED_IN_VAIN_SECONDS = 2.0  # a read with a position waits so long at most, then answers with what there is

_BEGAN = 1_750_000_000.0  # of all data; client times are given everywhere, so only what the server adds differs
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_RECENT_SECONDS = 86_400.0

JSON_RUN, LINES_RUN, COLUMNS_RUN, BINARY_RUN, DELETED_RUN = "by-json", "by-lines", "by-columns", "by-binary", "deleted"
USED_AGAIN_RUN = "used-again"
RUNS = (JSON_RUN, LINES_RUN, COLUMNS_RUN, BINARY_RUN)
NOBODY = "nobody"

Answers = dict[str, Any]


@dataclass
class Session:
    """writes, reads: base addresses; the same one where one process serves both."""

    writes: str
    reads: str
    answers: Answers = field(default_factory=dict)
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    _ids: dict[str, str] = field(default_factory=dict)
    _written: list[Position] = field(default_factory=list)

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
        self._until_visible()

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
        self._change_runs()
        self._tag_and_note()
        self._change_catalog()
        self._change_tags()
        self._annotate_experiments()
        self._delete_from_catalog()
        self._save_pages()
        self._delete_and_use_again()
        self._until_visible()

    def _change_runs(self) -> None:
        write = self._write
        write("rename", "PUT", f"/runs/{JSON_RUN}/", {"name": "  renamed  ", "description": "why", "archived": False})
        write("archive", "PUT", f"/runs/{LINES_RUN}/", {"archived": True})
        write("stop", "PUT", f"/runs/{COLUMNS_RUN}/", {"active": False})
        write("rename nothing", "PUT", f"/runs/{NOBODY}/", {"name": "x"})
        write("wrong type", "PUT", f"/runs/{JSON_RUN}/", {"archived": "perhaps"})
        write("no body", "PUT", f"/runs/{JSON_RUN}/")

    def _tag_and_note(self) -> None:
        write = self._write
        tag = write("tag a run", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": "kept"})
        write("tag it again", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": "kept"})
        write("tag another", "POST", f"/runs/{BINARY_RUN}/tags/new/", {"tag_name": "kept"})
        write("untag it", "DELETE", f"/runs/{BINARY_RUN}/tags/{tag['tag_id']}/")
        write("untag it again", "DELETE", f"/runs/{BINARY_RUN}/tags/{tag['tag_id']}/")
        write("tag nobody", "POST", f"/runs/{NOBODY}/tags/new/", {"tag_name": "kept"})
        write("tag without a name", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": " "})
        write("note", "POST", f"/runs/{JSON_RUN}/note/", {"content": "looks good"})
        write("another note", "POST", f"/runs/{JSON_RUN}/note/", {"content": "  does not \u2014 at all "})
        write("note without words", "POST", f"/runs/{JSON_RUN}/note/", {})
        write("note on nobody", "POST", f"/runs/{NOBODY}/note/", {"content": "x"})

    def _change_catalog(self) -> None:
        write = self._write
        write("make a tag", "POST", "/tags/", {"name": "coloured", "color": "#ff0000", "description": "a tag"})
        write("make it again", "POST", "/tags/", {"name": "coloured"})
        write("make a tag without a name", "POST", "/tags/", {"color": "#ff0000"})
        experiment = write("make an experiment", "POST", "/experiments/", {"name": "second"})
        write("change it", "PUT", f"/experiments/{experiment['id']}/", {"description": "the second one"})
        write("make it again by name", "POST", "/experiments/", {"name": "second"})
        write("take a name", "PUT", f"/experiments/{experiment['id']}/", {"name": "first"})
        write("change no experiment", "PUT", f"/experiments/{NOBODY}/", {"name": "x"})
        write("move a run", "PUT", f"/runs/{BINARY_RUN}/", {"experiment": "second"})
        write("move a run to a new experiment", "PUT", f"/runs/{COLUMNS_RUN}/", {"experiment": "third"})
        write("pin", "POST", "/projects/pinned-sequences/", {"sequences": [{"name": "loss", "context": {}}]})
        write("pin nothing", "POST", "/projects/pinned-sequences/", {"sequences": 1})

    def _change_tags(self) -> None:
        """A rename is seen in queries and props; a tag that is hidden stays on its runs."""
        write = self._write
        renamed = write("tag for a rename", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": "called once"})
        tag = f"/tags/{renamed['tag_id']}/"
        write("rename a tag", "PUT", tag, {"name": " called now ", "color": "#00ff00", "description": "d"})
        write("clear its texts", "PUT", tag, {"color": "", "description": ""})
        write("rename it to a name that is taken", "PUT", tag, {"name": "kept", "archived": True})
        write("change nothing of it", "PUT", tag, {"name": None})
        write("change no tag", "PUT", f"/tags/{NOBODY}/", {"name": "x"})
        write("change it to no text", "PUT", tag, {"name": 1})
        hidden = write("tag to be hidden", "POST", f"/runs/{LINES_RUN}/tags/new/", {"tag_name": "hidden"})
        write("hide it", "PUT", f"/tags/{hidden['tag_id']}/", {"archived": True})

    def _annotate_experiments(self) -> None:
        write = self._write
        experiment = write("an experiment with notes", "POST", "/experiments/", {"name": "annotated"})["id"]
        other = write("an experiment without", "POST", "/experiments/", {"name": "silent"})["id"]
        notes = f"/experiments/{experiment}/note/"
        first = write("a note on an experiment", "POST", notes, {"content": " first "})["id"]
        second = write("a second one", "POST", notes, {"content": "second"})["id"]
        gone = write("one that goes", "POST", notes, {"content": ""})["id"]
        write("edit the first", "PUT", f"{notes}{first}/", {"content": "first again"})
        write("remove one", "DELETE", f"{notes}{gone}/")
        write("remove it again", "DELETE", f"{notes}{gone}/")
        write("edit through another experiment", "PUT", f"/experiments/{other}/note/{second}/", {"content": "x"})
        write("remove through another", "DELETE", f"/experiments/{other}/note/{second}/")
        write("a note without a text", "POST", notes, {})
        write("a note on no experiment", "POST", f"/experiments/{NOBODY}/note/", {"content": "x"})
        for name, path in (("first", f"{notes}{first}/"), ("removed", f"{notes}{gone}/"), ("all", notes)):
            self._json(f"notes of an experiment: {name}", path)
        self._json("a note of another experiment", f"/experiments/{other}/note/{second}/")

    def _delete_from_catalog(self) -> None:
        """Runs stay; who names what is gone makes it anew, with another id."""
        write = self._write
        tag = write("tag to be deleted", "POST", f"/runs/{JSON_RUN}/tags/new/", {"tag_name": "gone"})["tag_id"]
        write("tag another with it", "POST", f"/runs/{LINES_RUN}/tags/new/", {"tag_name": "gone"})
        write("delete the tag", "DELETE", f"/tags/{tag}/")
        write("delete the tag again", "DELETE", f"/tags/{tag}/")
        write("take it off", "DELETE", f"/runs/{JSON_RUN}/tags/{tag}/")
        write("tag with it anew", "POST", f"/runs/{LINES_RUN}/tags/new/", {"tag_name": "gone"})
        experiment = write("experiment to be deleted", "POST", "/experiments/", {"name": "gone"})["id"]
        for run_id in (JSON_RUN, LINES_RUN):
            write(f"move {run_id} there", "PUT", f"/runs/{run_id}/", {"experiment": "gone"})
        write("a note that goes with it", "POST", f"/experiments/{experiment}/note/", {"content": "x"})
        self._json("before it is deleted", f"/experiments/{experiment}/runs/")
        write("delete the experiment", "DELETE", f"/experiments/{experiment}/")
        write("delete the experiment again", "DELETE", f"/experiments/{experiment}/")
        for below in ("", "runs/", "activity/", "note/"):
            self._json(f"after it was deleted: {below}", f"/experiments/{experiment}/{below}")
        self._ingest("anew", LINES_RUN, b'{"type": "set_run_property", "experiment": "gone"}', "application/json")

    def _save_pages(self) -> None:
        """Apps, dashboards and reports: some stay, some go, one dashboard goes with its app."""
        write = self._write
        state = {"z": 1.0, "a": {"list": [1, None, 1e300], "text": "\u00e9"}}
        app = write("save an app", "POST", "/apps/", {"type": "metrics", "state": state})
        other = write("save a large app", "POST", "/apps/", {"type": "board", "state": {"text": "x" * 400_000}})
        write("save an app without a state", "POST", "/apps/", {"type": "metrics"})
        write("save an app of text", "POST", "/apps/", {"type": "metrics", "state": "text"})
        write("change its type", "PUT", f"/apps/{app['id']}/", {"type": "params", "state": None})
        write("change no app", "PUT", f"/apps/{NOBODY}/", {"type": "params"})
        kept = write("bookmark it", "POST", "/dashboards/", {"name": "kept", "app_id": app["id"]})
        gone = write("bookmark it again", "POST", "/dashboards/", {"name": "gone", "app_id": app["id"]})
        write("bookmark the other", "POST", "/dashboards/", {"name": "gone too", "app_id": other["id"]})
        write("bookmark nothing", "POST", "/dashboards/", {"name": "x", "app_id": NOBODY})
        write("rename a bookmark", "PUT", f"/dashboards/{kept['id']}/", {"description": "why", "app_id": NOBODY})
        write("archive a bookmark", "DELETE", f"/dashboards/{gone['id']}/")
        write("archive it again", "DELETE", f"/dashboards/{gone['id']}/")
        write("delete the other app", "DELETE", f"/apps/{other['id']}/")
        write("delete it again", "DELETE", f"/apps/{other['id']}/")
        report = write("write a report", "POST", "/reports/", {"name": "r", "code": "# hi", "description": None})
        write("write it large", "PUT", f"/reports/{report['id']}/", {**report, "code": "# hi\n" * 80_000})
        burnt = write("write another", "POST", "/reports/", {"name": "burnt"})
        write("burn it", "DELETE", f"/reports/{burnt['id']}/")
        write("write without a name", "POST", "/reports/", {"code": "x"})

    def _delete_and_use_again(self) -> None:
        """What is sent to a deleted run is dropped, until its tombstone is gone; then its id begins empty."""
        write = self._write
        write("delete", "DELETE", f"/runs/{DELETED_RUN}/")
        write("delete it again", "DELETE", f"/runs/{DELETED_RUN}/")
        point = json.dumps(_point("loss", {}, 1, 0.25)).encode()
        self._ingest("dropped", DELETED_RUN, point, "application/json")
        self._ingest("before", USED_AGAIN_RUN, json.dumps(_beginning(5, "before")).encode(), "application/json")
        self._until_visible()
        write("delete another", "DELETE", f"/runs/{USED_AGAIN_RUN}/")
        write("clear its tombstone", "POST", f"/runs/{USED_AGAIN_RUN}/clear-tombstone/")
        write("clear it again", "POST", f"/runs/{USED_AGAIN_RUN}/clear-tombstone/")
        write("clear none", "POST", f"/runs/{NOBODY}/clear-tombstone/")
        again = [*_beginning(6, "again"), _point("loss", {"subset": "test"}, None, 0.5)]
        self._ingest("after", USED_AGAIN_RUN, json.dumps(again).encode(), "application/json")

    def read(self) -> None:
        """Every read, under both prefixes; both must answer the same."""
        self._read_runs()
        self._read_catalog()
        self._search()
        self._read_points()
        self._read_wrongly()

    def _read_runs(self) -> None:
        for run_id in (*RUNS, USED_AGAIN_RUN, DELETED_RUN, NOBODY):
            self._json(f"info of {run_id}", f"/runs/{run_id}/info/")
            self._json(f"notes of {run_id}", f"/runs/{run_id}/note/")
        some = {"sequence": ["metric", "texts"], "skip_system": "true"}
        self._json("some of the info", f"/runs/{JSON_RUN}/info/", some)

    def _read_catalog(self) -> None:
        names = ("projects", "projects/activity", "projects/params", "projects/pinned-sequences", "projects/status")
        for name in ("experiments", "tags", *names, "dashboards", "apps", "reports"):
            self._json(name, f"/{name}/")
        self._json("metrics alone", "/projects/params/", {"sequence": "metric", "exclude_params": "true"})
        for entity in ("experiments", "tags", "dashboards", "apps", "reports"):
            for number, found in enumerate(self._get(f"{REST_PREFIX}/{entity}/").json()):
                self._json(f"{entity} {number}", f"/{entity}/{found['id']}/")
                if entity in ("experiments", "tags"):
                    self._json(f"runs of {entity} {number}", f"/{entity}/{found['id']}/runs/")
                if entity == "experiments":
                    self._read_experiment(number, f"/experiments/{found['id']}")
            self._json(f"no such of {entity}", f"/{entity}/{NOBODY}/")
        for entity in ("experiments", "tags"):
            self._json(f"no runs of {entity}", f"/{entity}/{NOBODY}/runs/")
            for text in ("", " E ", "con", "%", "no such name"):
                self._json(f"{entity} with {text!r} in the name", f"/{entity}/search/", {"q": text})
        self._keep("version", self._get(f"{REST_PREFIX}/version/"))

    def _read_experiment(self, number: int, path: str) -> None:
        self._json(f"notes of experiment {number}", f"{path}/note/")
        for query in ({"limit": 1}, {"limit": 0, "offset": LINES_RUN}, {"limit": 1, "offset": NOBODY}, {"limit": -1}):
            self._json(f"runs of experiment {number}: {query}", f"{path}/runs/", query)
        for offset in ("0", "-330", "x"):
            headers = {"X-Timezone-Offset": offset}
            self._keep(
                f"activity of {number} at {offset}", self._get(f"{REST_PREFIX}{path}/activity/", headers=headers)
            )

    def _search(self) -> None:
        for query in _RUN_QUERIES:
            self._stream(f"runs where {query}", "/runs/search/run/", {"q": query, "report_progress": "false"})
        by_name = json.dumps([{"field": "run", "order": "desc"}])
        without = {"exclude_params": "true", "exclude_traces": "true", "report_progress": "false"}
        page = {"limit": 2, "offset": LINES_RUN, **without}
        self._stream("a page of runs", "/runs/search/run/", {"q": "run.archived is not None", "sort": by_name, **page})
        for query in _METRIC_QUERIES:
            self._stream(
                f"metrics where {query}", "/runs/search/metric/", {"q": query, "p": 3, "report_progress": "false"}
            )
        over = {"q": 'metric.name == "loss"', "p": 7, "x_axis": "accuracy", "report_progress": "false"}
        self._stream("metrics over another", "/runs/search/metric/", over)
        self._stream("active", "/runs/active/", {"report_progress": "false"})

    def _read_points(self) -> None:
        wanted = [{"name": "loss", "context": {"subset": "train"}}, {"name": "loss", "context": {}}]
        for run_id in (*RUNS, USED_AGAIN_RUN, NOBODY):
            self._json(f"points of {run_id}", f"/runs/{run_id}/metric/get-batch/", body=wanted)
        few = {"record_range": "100:300", "record_density": 9}
        self._json("few points", f"/runs/{BINARY_RUN}/metric/get-batch/", few, wanted)
        traces = [{**trace, "slice": [0, 0, 10]} for trace in wanted]
        align = {"align_by": "accuracy", "runs": [{"run_id": run_id, "traces": traces} for run_id in (*RUNS, NOBODY)]}
        self._stream("aligned", "/runs/search/metric/align/", body=align)

    def _read_wrongly(self) -> None:
        self._json("a query that is none", "/runs/search/run/", {"q": "run.name =="})
        self._json("a metric query that is none", "/runs/search/metric/", {"q": "import os"})
        self._json("an order that is none", "/runs/search/run/", {"sort": '[{"field": "weight"}]'})
        self._json("a sequence that is none", f"/runs/{JSON_RUN}/info/", {"sequence": "smells"})
        self._json("a number that is none", "/runs/search/metric/", {"p": "many"})
        self._json("aligned by nothing", "/runs/search/metric/align/", body={"runs": []})
        self._json("points by no list", f"/runs/{JSON_RUN}/metric/get-batch/", body={"name": "loss"})
        self._json("no such route", "/unheard-of/")

    def _ingest(self, name: str, run_id: str, body: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type, "Idempotency-Key": f"session {name}"}
        address = f"{self.writes}/api/v1/ingest/runs/{run_id}"
        answer = self._client.post(address, content=body, headers=headers)
        self._remember(answer)
        self._keep(f"ingest {name}", answer)

    def _write(self, name: str, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, f"{self.writes}{REST_PREFIX}{path}", json=body)
        self._remember(answer)
        self._keep(name, answer)
        if VISIBLE_HEADER in answer.headers:
            self._until_visible()  # the server did not wait longer; what follows must see it all the same
        return answer.json() if answer.content else None

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

    def _get(
        self, path: str, query: dict[str, Any] | None = None, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        method = "GET" if body is None else "POST"
        headers = {**(headers or {}), POSITION_HEADER: encode_token(self._written)}
        return self._client.request(method, f"{self.reads}{path}", params=query, json=body, headers=headers)

    def _remember(self, answer: httpx.Response) -> None:
        """The places in the log of what was written."""
        if POSITION_HEADER in answer.headers:
            self._written += decode_token(answer.headers[POSITION_HEADER])

    def _until_visible(self) -> None:
        """A read with a position answers sooner than its limit only when the views hold what the position names."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            began = time.monotonic()
            answer = self._get(f"{REST_PREFIX}/tags/")
            if answer.status_code == httpx.codes.OK and time.monotonic() - began < _WAITED_IN_VAIN_SECONDS:
                return
            assert time.monotonic() < deadline, f"not visible within {PATIENCE_SECONDS:g} s: {answer.text}"

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


_RUN_QUERIES = (
    "",
    "()",
    'run.name == "renamed"',
    'run.hparams.lr > 0.05 and "kept" in run.tags',
    "run.archived",
    '"called now" in run.tags and "called once" not in run.tags',
    'run.archived and "hidden" not in run.tags and "gone" in run.tags',
    'run.experiment == "gone" or run.experiment == None',
    'run.experiment != "second"',
    'run.experiment == "second" or run.experiment.name == "third"',
    "run.creation_time > 1750000250 and not run.active",
    'run.metrics["loss", {"subset": "train"}].last < 0.1',
    'run.hparams.kind in ["lines", "again"] and run.archived != 1',
)
_METRIC_QUERIES = (
    'metric.name == "loss"',
    'metric.context.subset == "train"',
    "metric.last < 0.3",
    'metric.name.startswith("acc") and run.hparams.lr < 0.05',
)
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
