"""What a run has to be after what passed the proxy: the rules of the protocol once more, in the plainest form.

It knows the messages, and the few changes by REST that scripts make; it shares nothing with the product's fold.
"""

import json
import math
import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from tests.clients.matyan.held import Held, ObjectAtStep, Point, Series, series_of
from tests.clients.matyan.passing import Exchange
from tests.clients.matyan.proxy import Frame, Recording
from tests.clients.matyan.reading import OBJECTS

_PROPS = ("name", "description", "archived", "experiment")
_LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR"}
_MEMBERS = {
    "images": ("caption", "format", "width", "height"),
    "audios": ("caption", "format"),
    "texts": ("data",),
    "distributions": ("bin_count", "range", "data"),
    "figures": ("data",),
}
_LISTED = ("images", "audios", "texts")
"""Kinds that may have several objects at a step; this client logs one."""
_WITH_BYTES = ("images", "audios")
_REST = "/api/v1/rest"


@dataclass
class _Sequence:
    """steps: what was said last of each: value, epoch, seconds UTC. last: at the highest step, as said there first."""

    steps: dict[int, tuple[Any, int | None, float]] = field(default_factory=dict)
    last: Any = None

    def put(self, message: dict[str, Any]) -> None:
        step, value = message["step"], message["value"]
        if step > max(self.steps, default=-1):
            self.last = value
        self.steps[step] = value, message["epoch"], _seconds(message)


@dataclass
class WireRun:
    """uploads, announced: bytes by key, keys by path. permits: keys by the address that takes their bytes."""

    run_id: str
    begun: float | None = None
    ended: float | None = None
    active: bool = False
    props: dict[str, Any] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    params: dict[str, Any] = field(default_factory=dict)
    points: dict[Series, _Sequence] = field(default_factory=dict)
    objects: dict[str, dict[Series, _Sequence]] = field(default_factory=lambda: {kind: {} for kind in OBJECTS})
    lines: dict[int, str] = field(default_factory=dict)
    first_line: int = 0
    records: list[dict[str, Any]] = field(default_factory=list)
    permits: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)

    def take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "create_run":
                self._begin(message)
            case "log_metric" if not isinstance(message["value"], dict):
                self.points.setdefault(series_of(message), _Sequence()).put(message)
            case "log_metric" | "log_custom_object":
                self.objects[f"{message['dtype']}s"].setdefault(series_of(message), _Sequence()).put(message)
            case "log_hparams":
                self._replace_subtree(message["value"])
            case "set_run_property":
                self.props |= {name: message[name] for name in _PROPS if message.get(name) is not None}
            case "add_tag":
                self.tags.add(message["tag_name"])
            case "remove_tag":
                self.tags.discard(message["tag_name"])
            case "log_terminal_line":
                self.lines[self.first_line + message["step"]] = message["line"]
            case "log_record":
                self.records.append(message)
            case "blob_ref":
                self.announced[message["artifact_path"]] = message["s3_key"]
            case "finish_run":
                self.active, self.ended = False, _seconds(message)
            case other:
                raise AssertionError(other)

    def _begin(self, message: dict[str, Any]) -> None:
        """A run that goes on keeps what it has; its lines go on behind those that it has if it was meant to."""
        self.begun = self.begun or _seconds(message)
        self.active, self.ended = True, None
        self.first_line = max(self.lines, default=-1) + 1 if message["force_resume"] else 0

    def _replace_subtree(self, value: dict[str, Any]) -> None:
        """What remains below the path that objects with exactly one key make replaces all that is there."""
        path: list[str] = []
        rest: Any = value
        while isinstance(rest, dict) and len(rest) == 1:
            ((key, rest),) = rest.items()
            path.append(key)
        place = self.params
        for key in path[:-1]:
            if not isinstance(place.get(key), dict):
                place[key] = {}
            place = place[key]
        place[path[-1]] = deepcopy(rest)

    def change(self, exchange: Exchange) -> None:
        """By one of the requests that scripts make; raises AssertionError for one about this run that is unknown."""
        about_this = f"{_REST}/runs/{self.run_id}/"
        path = exchange.path.partition("?")[0]
        match exchange.method, path.removeprefix(about_this):
            case "POST", "/api/v1/rest/artifacts/presign":
                wanted, allowed = json.loads(exchange.body), json.loads(exchange.answer)
                if wanted["run_id"] == self.run_id:
                    self.permits[urlsplit(allowed["upload_url"]).path] = f"{self.run_id}/{wanted['artifact_path']}"
            case "PUT", address if address in self.permits:
                self.uploads[self.permits[address]] = exchange.body
            case "POST", "tags/new/":
                self.tags.add(json.loads(exchange.body)["tag_name"])
            case "GET", _:
                pass
            case "POST", "metric/get-batch/" | "clear-tombstone/":
                pass
            case _:
                assert not path.startswith(about_this), exchange

    def held(self) -> Held:
        files = {path: self.uploads[key] for path, key in self.announced.items() if not path.startswith("seq/")}
        points = sorted(self.points.items())
        objects = {kind: sorted(sequences.items()) for kind, sequences in self.objects.items()}
        return Held(
            params=self.params,
            props={
                "name": f"Run: {self.run_id}",
                "description": None,
                "archived": False,
                "experiment": None,
                **self.props,
                "creation_time": self.begun,
                "end_time": self.ended,
                "active": self.active,
            },
            tags=sorted(self.tags),
            last_values={
                "metric": [(series, _as_json(float(sequence.last))) for series, sequence in points],
                **{kind: [(series, 0.0) for series, _ in sequences] for kind, sequences in objects.items()},
            },
            points=[(series, _points(sequence)) for series, sequence in points],
            batches=[(series, _finite(sequence)) for series, sequence in points],
            objects={
                kind: [(series, self._objects(kind, sequence)) for series, sequence in sequences]
                for kind, sequences in objects.items()
            },
            lines=sorted(self.lines.items()),
            records=[("log_records_count", len(self.records)), *enumerate(map(_record, self.records))],
            artifacts=sorted((path, path.rpartition("/")[2]) for path in files),
            files=files,
            archive=files,
        )

    def _objects(self, kind: str, sequence: _Sequence) -> list[ObjectAtStep]:
        rows = sorted(sequence.steps.items())
        return [(step, epoch, at, self._object(kind, value)) for step, (value, epoch, at) in rows]

    def _object(self, kind: str, value: dict[str, Any]) -> Any:
        """Its bytes are found by the key that the client made up, however long after it they arrive."""
        shown = {name: value.get(name) for name in _MEMBERS[kind]}
        if kind in _WITH_BYTES:
            shown["bytes"] = self.uploads[value["s3_key"]]
        return [{**shown, "index": 0}] if kind in _LISTED else shown


def wire_run(run_id: str, recording: Recording) -> WireRun:
    run = WireRun(run_id)
    for each in recording.once():
        if isinstance(each, Frame):
            for message in each.messages:
                if message["run_id"] == run_id:
                    run.take(_without_lone_surrogates(message))
        elif (each.method, each.path) == ("DELETE", f"{_REST}/runs/{run_id}/"):
            run = WireRun(run_id)
        elif each.status < httpx.codes.MULTIPLE_CHOICES:
            run.change(each)
    return run


def _seconds(message: dict[str, Any]) -> float:
    return datetime.fromisoformat(message["client_datetime"]).timestamp()


def _points(sequence: _Sequence) -> list[Point]:
    return [(step, repr(float(value)), epoch, at) for step, (value, epoch, at) in sorted(sequence.steps.items())]


def _finite(sequence: _Sequence) -> list[tuple[int, float | None]]:
    return [(step, value if math.isfinite(value) else None) for step, (value, _, _) in sorted(sequence.steps.items())]


def _as_json(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    return str(value) if math.isinf(value) else value


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "message": message["message"],
        "log_level": _LEVELS[message["level"]],
        "timestamp": message["timestamp"],
        "args": message.get("extra_args"),
        "is_notified": True,
    }


def _without_lone_surrogates(message: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(message, ensure_ascii=False)
    cleaned: dict[str, Any] = json.loads(re.sub("[\ud800-\udfff]", "\ufffd", text))
    return cleaned
