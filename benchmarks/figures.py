"""What is measured; each function returns one named figure."""

import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.client import Client, columns, run_id, whole_run
from benchmarks.process import Product, folder_bytes

_VISIBLE_POLL_SECONDS = 0.005


class Figure(msgspec.Struct, frozen=True):
    """`samples` hold every single measurement in `unit`."""

    name: str
    value: float
    unit: str
    target: str
    samples: list[float] = []
    note: str = ""


def load_runs(client: Client, workload: Any, size: Any) -> Figure:
    """All runs of a size, one request each; durable when answered."""
    bodies = [whole_run(workload, number, size) for number in range(size.runs)]
    began = time.perf_counter()
    for number, body in enumerate(bodies):
        client.ingest(run_id(number), body)
    seconds = time.perf_counter() - began
    return Figure(f"ingest {size.name}, whole runs", size.points / seconds, "points/s", "", note=f"{seconds:.1f} s")


def ingest_columns(client: Client, workload: Any, seconds: float = 15.0) -> Figure:
    """Requests of 10,000 points of two series, one after the other, for some seconds."""
    series, rows = [("loss", "train"), ("loss", "val")], 5_000
    curves = [workload.values(1, j, rows) for j in range(2)]
    message = columns(series, curves, 0, time.time())
    bodies = []
    for block in range(64):
        shifted = {**message, "points": {**message["points"]}}
        steps = np.repeat(np.arange(block * rows, (block + 1) * rows, dtype="<i8"), 2)
        shifted["points"]["step"] = steps.tobytes()
        bodies.append(msgspec.msgpack.encode(shifted))
    sent, began, latencies = 0, time.perf_counter(), []
    while time.perf_counter() - began < seconds:
        before = time.perf_counter()
        client.ingest(f"columns-{sent // 64:06d}", bodies[sent % 64])
        latencies.append(time.perf_counter() - before)
        sent += 1
    rate = sent * rows * 2 / (time.perf_counter() - began)
    note = f"acknowledged in {statistics.median(latencies) * 1e3:.1f} ms (median) for 10,000 points"
    return Figure("native columnar, one client", rate, "points/s", ">= 150,000", latencies, note)


def visible(writer: Client, reader: Client, seconds: float = 20.0) -> Figure:
    """From acknowledgement to the point being read back, while 20,000 points/s come in (20 requests/s of 1,000)."""
    series = [(f"m{k}", "train") for k in range(10)]
    lags: list[float] = []
    began = time.perf_counter()
    for tick in range(int(seconds * 20)):
        delay = began + tick / 20 - time.perf_counter()
        if delay > 0:
            time.sleep(delay)
        curve = np.sin(np.arange(100) + tick)
        body = msgspec.msgpack.encode(columns(series, [curve] * 10, tick * 100, time.time()))
        name = f"visible-{tick % 4}"
        writer.ingest(name, body)
        acknowledged = time.perf_counter()
        if tick % 5 == 0:
            lags.append(_wait_visible(reader, name, tick * 100 + 99, acknowledged))
    return Figure("acknowledged to visible, p99", _quantile(lags, 0.99), "s", "<= 0.5", lags)


def _wait_visible(reader: Client, name: str, step: int, since: float) -> float:
    path = f"/api/runs/{name}/metric/get-batch/?record_density=1"
    asked = [{"name": "m9", "context": {"subset": "train"}}]
    while time.perf_counter() - since < 10:
        try:
            answer = reader.post(path, asked)
        except SystemExit as error:
            # The run itself may not be visible yet.
            if not str(error).startswith("404"):
                raise
            answer = []
        if answer and answer[0]["iters"][-1] >= step:
            return time.perf_counter() - since
        time.sleep(_VISIBLE_POLL_SECONDS)
    raise SystemExit(f"step {step} of {name} was not visible within 10 s")


def starts(data: Path, count: int = 5) -> Figure:
    """Warm starts on a folder that holds data: the first one is not counted."""
    times = []
    for _ in range(count + 1):
        with Product(data) as product:
            times.append(product.ready_seconds)
    return Figure("warm start to ready, median", statistics.median(times[1:]), "s", "<= 3", times[1:])


def idle_memory(data: Path, seconds: float = 10.0) -> Figure:
    with Product(data) as product:
        time.sleep(seconds)
        return Figure("idle memory", product.memory_bytes() / 2**20, "MiB", "<= 450")


def disk(data: Path, points: int) -> Figure:
    """Everything in the folder after a clean stop and after merges."""
    parts = {child.name: folder_bytes(child) if child.is_dir() else child.stat().st_size for child in data.iterdir()}
    note = ", ".join(f"{name} {size / points:.1f}" for name, size in sorted(parts.items()) if size)
    return Figure("disk, log and views", sum(parts.values()) / points, "bytes/point", "<= 40", note=note)


def _quantile(values: list[float], quantile: float) -> float:
    return float(np.quantile(np.array(values), quantile))
