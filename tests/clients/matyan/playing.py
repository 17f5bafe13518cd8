"""Every scenario played at once: each waits much and works little.

What they left is read back three times: at once, after a restart, and after all views were made again from the log.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients.matyan.proxy import Fault, Recording, proxied
from tests.clients.matyan.reading import Shown, read_run
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product, product_on, running, settle
from tests.tracked_points import columns_of

from contracts.envelope import decode
from contracts.events import ArtifactAdded, MetricsTracked, PointsTracked, RunEvent
from contracts.topics import RUNS
from stores.blobs.filesystem import FilesystemBlobs
from stores.eventlog.partitions import ALL_PARTITIONS
from stores.eventlog.sqlite import SqliteEventLog

SCRIPT = Path(__file__).with_name("script.py")
_LONGEST_SECONDS = 120.0

PLAIN = (
    "log-everything",
    "log-objects",
    "resume-and-read",
    "read-everything",
    "backup-and-restore",
    "exit-without-close",
    "exit-without-close-late",
    "exception-without-close",
)
FAULTS: tuple[Fault, ...] = ("error_ack", "drop2", "abort2", "noack", "lateack", "noackall", "http403")
FAULTS_OF_EVERY_KIND: tuple[Fault, ...] = ("error_ack", "drop2", "abort2", "lose2", "noack", "lateack", "noackall")
"""The second frame holds every kind of message that a script logs, and is the one that meets the fault."""

_PAUSES: dict[Fault, float] = {"noack": 20.0, "lateack": 20.0, "noackall": 48.0}
"""Seconds that a script waits before it closes: closing waits for 8 s, a frame is repeated after 15."""
_GIVES_UP_SECONDS = 16.0
"""Until the client drops a frame that it has sent three times."""

MOMENTS = ("at once", "after a restart", "after a rebuild")

Point = tuple[str, str, int, str]
"""Name, context, step and value; these two as text, because NaN equals nothing."""


@dataclass
class Played:
    """One scenario: what the client sent, what its user saw, and what the product holds.

    shown: by the moment when it was read, one of `MOMENTS`; nothing for a run that never began. events: of the run, in
    the log's order. uploads: the bytes that were announced, by path.
    """

    run_id: str
    sent: Recording
    status: int
    said: dict[str, Any]
    errors: str
    shown: dict[str, Shown] = field(default_factory=dict)
    events: list[RunEvent] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)

    @property
    def answers(self) -> Shown:
        return self.shown[MOMENTS[0]]

    def points_in_log(self) -> list[Point]:
        """Once for each time that the log holds it."""
        found: list[Point] = []
        for event in self.events:
            if isinstance(event, MetricsTracked | PointsTracked):
                columns = columns_of(event)
                for number, step, value in zip(columns.series, columns.steps, columns.values, strict=True):
                    series = event.series[int(number)]
                    found.append((series.name, json.dumps(series.context), int(step), repr(float(value))))
        return found

    def messages(self) -> list[dict[str, Any]]:
        """What reached the server about this run; a script may write others beside it."""
        return [message for message in self.sent.messages() if message["run_id"] == self.run_id]

    def points_sent(self) -> list[Point]:
        return [
            (m["name"], json.dumps(m["context"] or {}), m["step"], repr(float(m["value"])))
            for m in self.messages()
            if m["type"] == "log_metric" and not isinstance(m["value"], dict)
        ]


def client_python() -> Path:
    """The interpreter of the environment that `./tallybook test` made for clients."""
    return Path(sys.prefix) / "clients" / "bin" / "python"


def skip_without_client() -> None:
    """Fails instead where everything has to be there."""
    if not client_python().exists():
        reason = f"there is no {client_python()}; `./tallybook test` makes it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def play_all(folder: Path) -> dict[str, Played]:
    """By scenario; faults are `fault-...`."""
    folder.mkdir()
    product = product_on(folder / "data")
    with running(product):
        played = asyncio.run(_play_on(product))
        asyncio.run(_settle(product, played))
        asyncio.run(_read_back(product, played, MOMENTS[0]))
        product.process.restart()
        asyncio.run(_read_back(product, played, MOMENTS[1]))
        product.process.stop()
        rebuilt = tallybook("views", "rebuild", "--data", product.data, "--drop-previous")
        assert rebuilt.returncode == 0, rebuilt.stderr
        product.process.start()
        asyncio.run(_read_back(product, played, MOMENTS[2]))
    events = asyncio.run(events_of(product.data / "events.sqlite"))
    for each in played.values():
        each.events = events.get(each.run_id, [])
        each.uploads = asyncio.run(_uploads_of(product.data / "blobs", each.events))
    return played


async def _play_on(product: Product) -> dict[str, Played]:
    plans: list[tuple[str, str, Fault]] = [(name, name, "none") for name in PLAIN]
    plans += [(f"fault-{fault}", "four-points", fault) for fault in FAULTS]
    plans += [(f"every-kind-{fault}", "every-kind", fault) for fault in FAULTS_OF_EVERY_KIND]
    played = await asyncio.gather(*(_play(product, number, *plan) for number, plan in enumerate(plans)))
    return {name: each for (name, _, _), each in zip(plans, played, strict=True)}


async def _play(product: Product, number: int, name: str, script: str, fault: Fault) -> Played:
    run_id = f"{number:032x}"
    async with proxied(product, fault, gathers=script == "every-kind") as (frontier, backend, recording):
        if script == "every-kind":
            signals = product.data.with_name(name)
            signals.mkdir()
            ended, _ = await asyncio.gather(
                run_script(script, frontier, backend, run_id, signals), _lead_through(recording, signals)
            )
        else:
            ended = await run_script(script, frontier, backend, run_id, _PAUSES.get(fault, 0.0))
    return Played(run_id, recording, *ended)


async def _lead_through(recording: Recording, signals: Path) -> None:
    """Early things are said behind the frame that begins the run, late ones after the fault of the second frame."""
    async with asyncio.timeout(_LONGEST_SECONDS):
        while not recording.frames:
            await asyncio.sleep(0.02)
        (signals / "early").touch()
        while not _is_over(recording):
            await asyncio.sleep(0.02)
        if recording.fault == "noackall":
            await asyncio.sleep(_GIVES_UP_SECONDS)
        (signals / "late").touch()


def _is_over(recording: Recording) -> bool:
    match recording.fault:
        case "drop2" | "abort2" | "lose2":
            return recording.connections == 2
        case "noack" | "lateack":
            return len(recording.repeated()) == 1
        case "noackall":
            return len(recording.repeated()) == 2
        case _:
            return len(recording.frames) == 2


async def run_script(
    name: str, frontier: str, backend: str, run_id: str, pause: float | Path
) -> tuple[int, dict[str, Any], str]:
    """Exit code, what the script told at its end, and its standard error."""
    process = await asyncio.create_subprocess_exec(
        client_python(),
        SCRIPT,
        *(name, frontier, backend, run_id, str(pause)),
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
    told = [line for line in output.decode().splitlines() if line.startswith("{")]
    return await process.wait(), json.loads(told[-1]) if told else {}, errors.decode()


async def _settle(product: Product, played: Mapping[str, Played]) -> None:
    """Until the views hold what the log held: a mutation waits for its own outcome, and so for everything before it."""
    for each in _begun(played):
        await asyncio.to_thread(settle, product, each.run_id)


async def _read_back(product: Product, played: Mapping[str, Played], moment: str) -> None:
    async with rest_of(product) as http:
        for each in _begun(played):
            each.shown[moment] = await read_run(http, each.run_id)


def _begun(played: Mapping[str, Played]) -> list[Played]:
    return [each for each in played.values() if each.sent.frames]


def rest_of(product: Product) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"{product.url}/api/v1/rest", trust_env=False, timeout=30)


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


async def events_of(path: Path) -> dict[str, list[RunEvent]]:
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
