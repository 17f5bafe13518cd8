"""Measure the WebSocket of matyan-client: `python -m benchmarks.matyan [--json FILE]`."""

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.frame_client import FrameClient, NotTaken, masked_frame
from benchmarks.process import Product, free_port, wait_until_open

_LOAD = Path(__file__).with_name("matyan_load.py")
_PYTHON = Path(sys.prefix) / "clients" / "bin" / "python"
_CONNECTIONS = 200
_FRAMES_A_SECOND = 10
_POINTS_A_FRAME = 5
_WATCH_SECONDS = 2.0
_POLL_SECONDS = 0.01
_ACCEPTED = 'tallybook_command_ingested_messages_total{result="accepted"}'
_LAG = "tallybook_projector_lag_records"


def real_clients(product: Product, processes: int, points: int) -> Figure:
    """Unmodified clients that log as fast as they can to an empty product, until all was acknowledged."""
    cpu = product.cpu_seconds()
    seconds, took, own = logged(product.port, processes, points)
    arrived = int(counted(product, _ACCEPTED))
    if arrived != processes * (points + 2):
        raise SystemExit(f"{arrived} messages arrived of {processes * (points + 2)}")
    a_point = 1e6 / (points * processes)
    note = f"CPU a point: server {(product.cpu_seconds() - cpu) * a_point:.1f} µs, client {own * a_point:.1f}"
    name = f"matyan-client, {processes} process{'es' if processes > 1 else ''}"
    return Figure(name, points * processes / seconds, "points/s", "", took, note)


def client_alone(points: int) -> Figure:
    """The client against a server that says yes and keeps nothing: what no server can exceed on this machine."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.acknowledger", str(port)])
    try:
        wait_until_open(port)
        seconds, took, own = logged(port, 1, points)
    finally:
        server.terminate()
        server.wait(10)
    note = f"CPU a point: client {own * 1e6 / points:.1f} µs"
    return Figure("matyan-client by itself", points / seconds, "points/s", "", took, note)


def logged(port: int, processes: int, points: int) -> tuple[float, list[float], float]:
    """Seconds until all clients had all their points acknowledged, those of each, and their CPU seconds together."""
    started = [
        subprocess.Popen(
            [_PYTHON, _LOAD, f"http://127.0.0.1:{port}", f"bench-{processes}-{number}", str(points)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in range(processes)
    ]
    for process in started:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise SystemExit("a client did not come up")
    began = time.perf_counter()
    for process in started:
        # All of them before waiting for any: they are to log at once.
        if process.stdin is not None:
            process.stdin.write("go\n")
            process.stdin.flush()
    said = [process.communicate()[0] for process in started]
    seconds = time.perf_counter() - began
    took, own = zip(*([float(text) for text in each.split()] for each in said), strict=True)
    return seconds, list(took), sum(own)


async def many_connections(product: Product, seconds: float) -> Iterable[Figure]:
    """200 clients that send 50 points a second each, in ten frames; the time until each frame is acknowledged.

    As the client does, each sends its next frame when the one before was acknowledged, or later, when it is due.
    """
    delays: list[float] = []
    memory: list[float] = []
    behind: list[float] = []
    late = 0

    async def client(number: int) -> None:
        nonlocal late
        connection = await FrameClient.connect(product.port, f"/api/v1/ws/runs/many-{number}")
        loop = asyncio.get_running_loop()
        first = loop.time() + 1 + number / _CONNECTIONS / _FRAMES_A_SECOND
        for frame in range(int(seconds * _FRAMES_A_SECOND)):
            body = points_frame(frame)
            due = first + frame / _FRAMES_A_SECOND
            late += loop.time() > due + 1 / _FRAMES_A_SECOND
            await asyncio.sleep(due - loop.time())
            sent = loop.time()
            await connection.ask(body)
            delays.append(loop.time() - sent)
        connection.close()

    async def watch() -> None:
        while True:
            memory.append(product.memory_bytes() / 2**20)
            behind.append(await asyncio.to_thread(counted, product, _LAG))
            await asyncio.sleep(_WATCH_SECONDS)

    cpu, own = product.cpu_seconds(), time.process_time()
    began = time.perf_counter()
    watching = asyncio.create_task(watch())
    try:
        await asyncio.gather(*(client(number) for number in range(_CONNECTIONS)))
    except NotTaken as error:
        raise SystemExit(str(error)) from error
    finally:
        watching.cancel()
    took = time.perf_counter() - began
    cpu, own = product.cpu_seconds() - cpu, time.process_time() - own
    while await asyncio.to_thread(counted, product, _LAG):
        await asyncio.sleep(_POLL_SECONDS)
    caught_up = time.perf_counter() - began - took
    quantiles = np.quantile(delays, (0.5, 0.99))
    name = f"{_CONNECTIONS} connections at 50 points/s, {seconds:.0f} s"
    note = (
        f"median {quantiles[0] * 1e3:.1f} ms, longest {max(delays) * 1e3:.0f} ms, {late} of {len(delays)} frames late;"
        f" server's CPU {cpu / len(delays) * 1e6:.0f} µs a frame, {cpu / took:.0%} of a core;"
        f" generator's {own / took:.0%}"
    )
    half = len(memory) // 2
    grown = statistics.median(memory[half:]) - statistics.median(memory[half // 2 : half] or memory)
    return (
        Figure(f"{name}, acknowledged, p99", float(quantiles[1]) * 1e3, "ms", "< 100", note=note),
        Figure(
            f"{name}, memory", memory[-1], "MiB", "flat", memory, f"second half against second quarter: {grown:+.0f}"
        ),
        Figure(
            f"{name}, views behind the log",
            max(behind),
            "events",
            "flat",
            behind,
            f"at most; all there {caught_up:.2f} s after the last frame",
        ),
    )


def points_frame(number: int) -> bytes:
    """Five points as the client writes them, on the wire."""
    at = datetime.now(UTC).isoformat()
    point = {"type": "log_metric", "run_id": "many", "name": "loss", "value": 0.5, "epoch": None, "context": None}
    steps = range(number * _POINTS_A_FRAME, (number + 1) * _POINTS_A_FRAME)
    messages = [{**point, "step": step, "value": step * 0.5, "dtype": "float", "client_datetime": at} for step in steps]
    return masked_frame(msgspec.json.encode(messages))


def counted(product: Product, series: str) -> float:
    """The sum of a metric's samples whose lines begin so."""
    client = Client(product.port)
    text = client.read("/metrics").decode()
    client.close()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(series))


def measure(folder: Path, seconds: float) -> Iterator[Figure]:
    yield client_alone(100_000)
    with Product(folder / "one") as product:
        yield real_clients(product, 1, 100_000)
    yield client_alone(100_000)
    with Product(folder / "four") as product:
        yield real_clients(product, 4, 50_000)
    with Product(folder / "many") as product:
        yield from uvloop.run(many_connections(product, seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures with all samples here")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the 200 connections send")
    options = parser.parse_args()
    if not _PYTHON.exists():
        raise SystemExit(f"there is no {_PYTHON}; `./tallybook test -- -l` makes it")
    folder = Path(tempfile.mkdtemp(prefix="tallybook-bench-"))
    table = Table("figure", "value", "unit", "note", title="matyan-client")
    measured = []
    try:
        for figure in measure(folder, options.seconds):
            measured.append(figure)
            table.add_row(figure.name, f"{figure.value:,.3g}", figure.unit, figure.note)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Console().print(table)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))


if __name__ == "__main__":
    main()
