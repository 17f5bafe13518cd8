"""A plain client of the native endpoint: one kept-open connection, MessagePack bodies."""

import http.client
import json
import socket
from typing import Any

import msgspec
import numpy as np


class Client:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ingest(self, run_id: str, body: bytes) -> dict[str, Any]:
        """The answer of an acknowledged request; anything else ends the measurement."""
        headers = {"Content-Type": "application/msgpack"}
        self._connection.request("POST", f"/api/v1/ingest/runs/{run_id}", body=body, headers=headers)
        answer: dict[str, Any] = self._answer()
        return answer

    def post(self, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", path, body=json.dumps(body).encode(), headers=headers)
        return self._answer()

    def read(self, path: str) -> bytes:
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        return body

    def close(self) -> None:
        self._connection.close()

    def _answer(self) -> Any:
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status} {body[:300]!r}")
        return json.loads(body)


def columns(series: list[tuple[str, str]], curves: list[Any], first_step: int, first_time: float) -> dict[str, Any]:
    """A log_metrics message: one point of every series at each step, a quarter of a second apart."""
    count, steps = len(series), len(curves[0])
    step = np.repeat(np.arange(first_step, first_step + steps, dtype="<i8"), count)
    times = np.round(first_time + np.arange(steps * count) * (0.25 / count), 6)
    return {
        "type": "log_metrics",
        "series": [{"name": name, "context": {"subset": subset}, "dtype": "float"} for name, subset in series],
        "points": {
            "series": np.tile(np.arange(count, dtype="<u4"), steps).tobytes(),
            "step": step.tobytes(),
            "value": np.stack(curves, axis=1).astype("<f8").reshape(-1).tobytes(),
            "epoch": (step // 100).astype("<i8").tobytes(),
            "client_datetime": times.astype("<f8").tobytes(),
        },
    }


def whole_run(workload: Any, number: int, size: Any) -> bytes:
    """One request that logs a whole run of the workload."""
    curves = [workload.values(number, j, size.steps) for j in range(size.metrics)]
    created = 1_700_000_000.0 + number
    return msgspec.msgpack.encode(
        [
            {"type": "create_run", "creation_time": created},
            {
                "type": "set_run_property",
                "name": workload.run_name(number),
                "experiment": workload.experiment(number),
            },
            *({"type": "add_tag", "tag_name": tag} for tag in workload.tags(number)),
            {"type": "log_hparams", "value": workload.params(number)},
            columns(list(size.series), curves, 0, created),
            {"type": "finish_run", "end_time": created + size.steps * 0.25},
        ]
    )


def run_id(number: int) -> str:
    return f"{number:024x}"
