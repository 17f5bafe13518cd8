"""Measure the WebSocket of matyan-client: `python -m benchmarks.matyan [--json FILE]`."""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.process import Product

_LOAD = Path(__file__).with_name("matyan_load.py")
_PYTHON = Path(sys.prefix) / "clients" / "bin" / "python"
_CONNECTIONS = 200
_FRAMES_A_SECOND = 10
_POINTS_A_FRAME = 5


def real_clients(product: Product, processes: int, points: int) -> Figure:
    """Unmodified clients that log as fast as they can to an empty product, until all was acknowledged."""
    address = f"http://127.0.0.1:{product.port}"
    started = [
        subprocess.Popen(
            [_PYTHON, _LOAD, address, f"bench-{processes}-{number}", str(points)],
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
    cpu, began = product.cpu_seconds(), time.perf_counter()
    said = [process.communicate("go\n")[0] for process in started]
    seconds = time.perf_counter() - began
    arrived = accepted(product)
    if arrived != processes * (points + 2):
        raise SystemExit(f"{arrived} messages arrived of {processes * (points + 2)}")
    cpu = product.cpu_seconds() - cpu
    note = f"server's CPU {cpu / (points * processes) * 1e6:.1f} µs a point"
    return Figure(
        f"matyan-client, {processes} process{'es' if processes > 1 else ''}",
        points * processes / seconds,
        "points/s",
        "",
        [float(text) for text in said],
        note,
    )


async def many_connections(product: Product, seconds: float) -> Figure:
    """200 clients that send 50 points a second each, in ten frames; the time until each frame is acknowledged."""
    delays: list[float] = []
    late = 0

    async def client(number: int) -> None:
        nonlocal late
        url = f"ws://127.0.0.1:{product.port}/api/v1/ws/runs/many-{number}"
        async with connect(url, compression=None, open_timeout=60) as socket:
            began = time.perf_counter() + number / _CONNECTIONS / _FRAMES_A_SECOND
            for frame in range(int(seconds * _FRAMES_A_SECOND)):
                wait = began + frame / _FRAMES_A_SECOND - time.perf_counter()
                late += wait < -1 / _FRAMES_A_SECOND
                await asyncio.sleep(max(wait, 0))
                delays.append(await acknowledged(socket, frame))

    cpu = product.cpu_seconds()
    began = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(_CONNECTIONS)))
    cpu = (product.cpu_seconds() - cpu) / (time.perf_counter() - began)
    quantiles = statistics.quantiles(delays, n=100)
    note = f"p99 {quantiles[98] * 1e3:.0f} ms, {late} of {len(delays)} frames late, server at {cpu:.0%} of a core"
    return Figure(f"{_CONNECTIONS} connections at 50 points/s, median", quantiles[49] * 1e3, "ms", "", note=note)


async def acknowledged(socket: ClientConnection, frame: int) -> float:
    """Seconds until the frame's answer."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    point: dict[str, Any] = {"type": "log_metric", "name": "loss", "value": 0.5, "epoch": None, "context": None}
    steps = range(frame * _POINTS_A_FRAME, (frame + 1) * _POINTS_A_FRAME)
    text = json.dumps([{**point, "step": step, "dtype": "float", "client_datetime": at} for step in steps])
    sent = time.perf_counter()
    await socket.send(text)
    answer = json.loads(await socket.recv())
    if answer["status"] != "ok":
        raise SystemExit(f"a frame was not taken: {answer}")
    return time.perf_counter() - sent


def accepted(product: Product) -> int:
    client = Client(product.port)
    text = client.read("/metrics").decode()
    client.close()
    name = 'tallybook_command_ingested_messages_total{result="accepted"}'
    return int(sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)))


def measure(folder: Path) -> Iterator[Figure]:
    with Product(folder / "one") as product:
        yield real_clients(product, 1, 100_000)
    with Product(folder / "four") as product:
        yield real_clients(product, 4, 50_000)
    with Product(folder / "many") as product:
        yield asyncio.run(many_connections(product, 20.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures with all samples here")
    options = parser.parse_args()
    if not _PYTHON.exists():
        raise SystemExit(f"there is no {_PYTHON}; `./tallybook test -- -l` makes it")
    folder = Path(tempfile.mkdtemp(prefix="tallybook-bench-"))
    table = Table("figure", "value", "unit", "note", title="matyan-client")
    measured = []
    try:
        for figure in measure(folder):
            measured.append(figure)
            table.add_row(figure.name, f"{figure.value:,.3g}", figure.unit, figure.note)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Console().print(table)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))


if __name__ == "__main__":
    main()
