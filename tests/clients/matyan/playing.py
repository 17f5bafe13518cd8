"""Every scenario played at once: each waits much and works little."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.clients.matyan.proxy import Fault, Recording, proxied
from tests.e2e.product import Product, product_on, running

from contracts.envelope import decode
from contracts.events import ArtifactAdded, MetricsTracked, RunEvent
from contracts.metric_points import unpack_columns
from contracts.topics import RUNS
from stores.blobs.filesystem import FilesystemBlobs
from stores.eventlog.partitions import ALL_PARTITIONS
from stores.eventlog.sqlite import SqliteEventLog

SCRIPT = Path(__file__).with_name("script.py")
_LONGEST_SECONDS = 120.0

PLAIN = (
    "log-everything",
    "resume-and-read",
    "exit-without-close",
    "exit-without-close-late",
    "exception-without-close",
)
DIRECT = ("log-objects",)
"""Without the proxy, which passes no uploads."""
FAULTS: tuple[Fault, ...] = ("error_ack", "drop2", "abort2", "noack", "lateack", "noackall", "http403")

_PAUSES: dict[Fault, float] = {"noack": 20.0, "lateack": 20.0, "noackall": 48.0}
"""Seconds that a script waits before it closes: closing waits for 8 s, a frame is repeated after 15."""

Point = tuple[str, str, int, str]
"""Name, context, step and value; these two as text, because NaN equals nothing."""


@dataclass
class Played:
    """One scenario: what the client sent, what its user saw, and what the product holds.

    answers: of the product, by name of the question, read while it ran. events: of the run, in the log's order.
    uploads: the bytes that were announced, by path.
    """

    run_id: str
    sent: Recording
    status: int
    said: dict[str, Any]
    errors: str
    answers: dict[str, Any]
    events: list[RunEvent]
    uploads: dict[str, bytes] = field(default_factory=dict)

    def points_in_log(self) -> list[Point]:
        """Once for each time that the log holds it."""
        found: list[Point] = []
        for event in self.events:
            if isinstance(event, MetricsTracked):
                columns = unpack_columns(event.points, event.count)
                for number, step, value in zip(columns.series, columns.steps, columns.values, strict=True):
                    series = event.series[int(number)]
                    found.append((series.name, json.dumps(series.context), int(step), repr(float(value))))
        return found

    def points_sent(self) -> list[Point]:
        return [
            (m["name"], json.dumps(m["context"] or {}), m["step"], repr(float(m["value"])))
            for m in self.sent.messages()
            if m["type"] == "log_metric"
        ]


def client_python() -> Path:
    """The interpreter of the environment that `./tallybook test` made for clients."""
    return Path(sys.prefix) / "clients" / "bin" / "python"


def play_all(folder: Path) -> dict[str, Played]:
    """By scenario; faults are `fault-...`."""
    product = product_on(folder / "data")
    with running(product):
        played = asyncio.run(_play_on(product))
    events = asyncio.run(_events_of(product.data / "events.sqlite"))
    for each in played.values():
        each.events = events.get(each.run_id, [])
        each.uploads = asyncio.run(_uploads_of(product.data / "blobs", each.events))
    return played


async def _play_on(product: Product) -> dict[str, Played]:
    plans: list[tuple[str, str, Fault]] = [(name, name, "none") for name in PLAIN]
    plans += [(name, name, "none") for name in DIRECT]
    plans += [(f"fault-{fault}", "four-points", fault) for fault in FAULTS]
    played = await asyncio.gather(*(_play(product, number, *plan) for number, plan in enumerate(plans)))
    return {name: each for (name, _, _), each in zip(plans, played, strict=True)}


async def _play(product: Product, number: int, name: str, script: str, fault: Fault) -> Played:
    run_id = f"{number:032x}"
    async with proxied(product.ingest_port, fault) as (address, recording):
        words = [script, product.ingest_url if name in DIRECT else address, product.url, run_id]
        status, output, errors = await _run(name, [*words, str(_PAUSES.get(fault, 0.0))])
    told = [line for line in output.splitlines() if line.startswith("{")]
    answers = await _read_back(product, run_id) if recording.frames or name in DIRECT else {}
    return Played(run_id, recording, status, json.loads(told[-1]) if told else {}, errors, answers, [])


async def _run(name: str, words: list[str]) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        client_python(),
        SCRIPT,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={key: value for key, value in os.environ.items() if "proxy" not in key.lower()},
    )
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            output, errors = await process.communicate()
    except TimeoutError:
        raise AssertionError(f"{name} did not end within {_LONGEST_SECONDS} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return await process.wait(), output.decode(), errors.decode()


async def _read_back(product: Product, run_id: str) -> dict[str, Any]:
    """Once the views hold what the log held."""
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1/rest", trust_env=False, timeout=30) as http:
        # A mutation waits for its own outcome, and so for everything before it.
        (await http.post(f"/runs/{run_id}/tags/new/", json={"tag_name": "read"})).raise_for_status()
        info = (await http.get(f"/runs/{run_id}/info/")).raise_for_status().json()
        wanted = [{"name": each["name"], "context": each["context"]} for each in info["traces"]["metric"]]
        answer = await http.post(f"/runs/{run_id}/metric/get-batch/", params={"record_density": 50_000}, json=wanted)
        return {"info": info, "metrics": answer.raise_for_status().json()}


async def _uploads_of(folder: Path, events: list[RunEvent]) -> dict[str, bytes]:
    blobs = await FilesystemBlobs.open(str(folder))
    try:
        return {
            event.path: await blobs.get(event.blob.place)
            for event in events
            if isinstance(event, ArtifactAdded) and event.blob is not None and event.blob.place is not None
        }
    finally:
        await blobs.close()


async def _events_of(path: Path) -> dict[str, list[RunEvent]]:
    log = await SqliteEventLog.open(path)
    found: dict[str, list[RunEvent]] = {}
    try:
        for partition in (each for each in ALL_PARTITIONS if each.topic == RUNS):
            offset = 0
            while records := await log.read(partition, offset):
                offset += len(records)
                for record in records:
                    event = decode(record.value).event
                    assert isinstance(event, RunEvent)
                    found.setdefault(record.key, []).append(event)
    finally:
        await log.close()
    return found
