"""Reads back over HTTP what clients wrote: every point of every series, and all else as labels."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from tests.faults.calling import Answer, Connection
from tests.faults.changes import file_label, is_switched, label
from tests.faults.ingestion import at_series, next_series
from tests.faults.judging import Floats, Held, Series, TimedSeries

from contracts.aimcodec.arrays import read_numeric_array
from contracts.aimcodec.reader import items

_ALL = 1 << 30
_REFERENCES = 50
_OBJECTS = ("texts", "distributions", "figures", "images", "audios")
_WITH_BYTES = ("images", "audios")
_SHOWN_SECONDS = 60.0


def held_of(connection: Connection, run_id: str, client: str) -> Held:
    """What the run holds of this client, by both ways of reading metrics; they must agree."""
    by_batch = _batch(connection, run_id, [next_series(client), at_series(client)])
    by_search = _searched(connection, run_id)
    _assert_same(by_batch, by_search, client)
    return Held(
        next=by_batch.get(next_series(client), _NOTHING),
        at=by_search.get(at_series(client), _NOTHING),
        params=params_of(connection, run_id, client),
    )


def params_of(connection: Connection, run_id: str, client: str) -> set[int]:
    """The numbers of the requests of this client whose param is there; empty for a run that no view knows."""
    answer = connection.get(f"/runs/{run_id}/info/")
    if answer.status == 404:
        return set()
    params: dict[str, int] = _ok(answer).json()["params"].get(client, {})
    for key, value in params.items():
        assert key == f"r{value}", f"param {key} has the value {value}"
    return set(params.values())


def run_info(connection: Connection, run_id: str) -> dict[str, Any]:
    info: dict[str, Any] = _ok(connection.get(f"/runs/{run_id}/info/")).json()
    return info


def wait_until_shown(connection: Connection, run_id: str) -> None:
    """Until the views hold all that the log holds of this run, which must have something in it."""
    deadline = time.monotonic() + _SHOWN_SECONDS
    while time.monotonic() < deadline:
        # A mutation waits for its own outcome, and so for everything before it. This one changes nothing.
        answer = connection.call(
            "PUT", f"/api/v1/rest/runs/{run_id}/", b'{"archived":false}', {"Content-Type": "application/json"}
        )
        if answer.status == 200 and "x-tallybook-visible" not in answer.headers:
            return
        time.sleep(0.1)
    raise AssertionError(f"the views did not show {run_id} within {_SHOWN_SECONDS:g} s")


def properties_of(connection: Connection, run_id: str) -> dict[str, str]:
    """By name, tags that come and go among them."""
    props = run_info(connection, run_id)["props"]
    switched = {tag["name"]: tag["name"] for tag in props["tags"] if is_switched(tag["name"])}
    return {"name": props["name"], "description": props["description"], "active": str(props["active"]), **switched}


def items_of(connection: Connection, run_id: str) -> Counter[str]:
    """Labels of all that the run shows, but the series of native clients (`held_of`)."""
    info = run_info(connection, run_id)
    found = Counter(
        label("param", client, value) for client, params in info["params"].items() for value in params.values()
    )
    found.update(label("tag", tag["name"]) for tag in info["props"]["tags"] if not is_switched(tag["name"]))
    found.update(label("artifact", artifact["path"]) for artifact in info["artifacts"])
    found.update(_points(connection, run_id))
    for kind in _OBJECTS:
        found.update(_objects(connection, run_id, kind, info["traces"][kind]))
    found.update(_artifact_files(connection, run_id, [artifact["path"] for artifact in info["artifacts"]]))
    found.update(label("line", text) for _, text in items(_all_of(connection, f"/runs/{run_id}/logs/")))
    _, *records = items(_all_of(connection, f"/runs/{run_id}/log-records/"))
    found.update(label("record", record["message"]) for _, record in records)
    notes = _ok(connection.get(f"/runs/{run_id}/note/")).json()
    found.update(label("note", note["content"]) for note in notes)
    return found


def experiments(connection: Connection) -> Counter[str]:
    """Labels of all experiments, but the one that everything is in that names none."""
    found = _ok(connection.get("/experiments/")).json()
    return Counter(label("experiment", each["name"]) for each in found)


def run_ids(connection: Connection) -> list[str]:
    """Of every run, by the run search, which tells each once."""
    answer = _ok(connection.get("/runs/search/run/", q="", report_progress="false"))
    return [str(run_id) for run_id, _ in items(answer.body)]


def tag_names(connection: Connection) -> list[str]:
    return [tag["name"] for tag in _ok(connection.get("/tags/")).json()]


def _points(connection: Connection, run_id: str) -> Iterator[str]:
    """Of series whose points have labels: those that only matyan's protocol writes."""
    for name, series in _searched(connection, run_id).items():
        if name.endswith("/m"):
            for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
                yield label("point", name, int(step), value)


def _objects(connection: Connection, run_id: str, kind: str, traces: list[dict[str, Any]]) -> Iterator[str]:
    for trace in traces:
        wanted = [{"name": trace["name"], "context": trace["context"]}]
        answer = _ok(connection.post(f"/runs/{run_id}/{kind}/get-batch/", wanted, record_density=_ALL))
        found = dict(items(answer.body))
        steps = {
            step: value if isinstance(value, list) else [value]
            for step, value in zip(found["iters"], found["values"], strict=True)
        }
        for step, values in steps.items():
            for value in values:
                yield label(kind, trace["name"], step, _shown(kind, value))
        if kind in _WITH_BYTES:
            yield from _bytes(connection, kind, trace["name"], {s: v[0]["blob_uri"] for s, v in steps.items()})


def _shown(kind: str, value: dict[str, Any]) -> Any:
    match kind:
        case "texts":
            return value["data"]
        case "distributions":
            return read_numeric_array(value["data"]).tolist()
        case "figures":
            return json.dumps(json.loads(value["data"]))
        case _:
            return value["caption"]


def _bytes(connection: Connection, kind: str, name: str, references: dict[int, str]) -> Iterator[str]:
    """Of the objects whose bytes are there."""
    ending = {"images": "png", "audios": "wav"}[kind]
    steps = {reference: step for step, reference in references.items()}
    wanted = list(steps)
    for start in range(0, len(wanted), _REFERENCES):
        answer = _ok(connection.post(f"/runs/{kind}/get-batch/", wanted[start : start + _REFERENCES]))
        for reference, content in items(answer.body):
            yield file_label(f"seq/{name}/{steps[str(reference)]}.{ending}", content)


def _artifact_files(connection: Connection, run_id: str, paths: list[str]) -> Iterator[str]:
    for path in paths:
        yield file_label(path, _ok(connection.get(f"/runs/{run_id}/artifacts/download/", path=path)).body)


def _all_of(connection: Connection, path: str) -> bytes:
    return _ok(connection.get(path, record_range=":")).body


def _batch(connection: Connection, run_id: str, names: list[str]) -> dict[str, Series]:
    wanted = [{"name": name, "context": {}} for name in names]
    answer = _ok(connection.post(f"/runs/{run_id}/metric/get-batch/", wanted, record_density=-1))
    return {
        each["name"]: Series(np.array(each["iters"], np.float64), np.array(each["values"], np.float64))
        for each in answer.json()
    }


def _searched(connection: Connection, run_id: str) -> dict[str, TimedSeries]:
    query = f'run.hash == "{run_id}"'
    answer = _ok(connection.get("/runs/search/metric/", q=query, p=-1, report_progress="false"))
    found = items(answer.body)
    assert [key for key, _ in found] == [run_id]
    ((_, tree),) = found
    return {
        trace["name"]: TimedSeries(
            *(read_numeric_array(trace[column]) for column in ("iters", "values", "epochs", "timestamps"))
        )
        for trace in tree["traces"]
    }


def _assert_same(by_batch: dict[str, Series], by_search: dict[str, TimedSeries], client: str) -> None:
    for name in (next_series(client), at_series(client)):
        one, other = by_batch.get(name, _NOTHING), by_search.get(name, _NOTHING)
        assert np.array_equal(one.steps, other.steps), f"{name}: get-batch and search tell other steps"
        assert np.array_equal(one.values, other.values), f"{name}: get-batch and search tell other values"


def _ok(answer: Answer) -> Answer:
    assert answer.status == 200, answer
    return answer


_EMPTY: Floats = np.empty(0)
_NOTHING = TimedSeries(_EMPTY, _EMPTY, _EMPTY, _EMPTY)
