"""Reads back over HTTP what clients wrote: every point of every series, params, tags."""

from typing import Any

import numpy as np
from tests.faults.calling import Answer, Connection
from tests.faults.ingestion import at_series, next_series
from tests.faults.judging import Floats, Held, Series, TimedSeries

from contracts.aimcodec.arrays import read_numeric_array
from contracts.aimcodec.reader import items


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


def run_ids(connection: Connection) -> list[str]:
    """Of every run, by the run search, which tells each once."""
    answer = _ok(connection.get("/runs/search/run/", q="", report_progress="false"))
    return [str(run_id) for run_id, _ in items(answer.body)]


def tag_names(connection: Connection) -> list[str]:
    return [tag["name"] for tag in _ok(connection.get("/tags/")).json()]


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
