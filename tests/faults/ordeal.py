"""The product killed with SIGKILL again and again while clients of every kind write, and what became of their data."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.calling import Connection
from tests.faults.changes import CATALOG, Told
from tests.faults.judging import Finding, findings, item_findings, property_findings
from tests.faults.matyan_writers import MatyanWriter
from tests.faults.product import Product, product_in, running
from tests.faults.reading_back import (
    experiments,
    held_of,
    items_of,
    properties_of,
    run_ids,
    tag_names,
    wait_until_shown,
)
from tests.faults.rest_writers import RestWriter
from tests.faults.writers import SHARED_RUN, Habits, Writer
from tests.faults.writing import Client, abandon_all, stop_all
from tests.servers.java import REPOSITORY
from tests.servers.process import ServerFailed

_LONGEST_ROUND_SECONDS = 1.5
_LONGEST_STOP_SECONDS = 0.3
_COMPARE_SECONDS = 600

_NATIVE = (
    Habits("json-named", "json", named=True, points=4, large=200),
    Habits("json-plain", "json", named=False, points=4, large=200),
    Habits("columns-named", "columns", named=True, points=100, large=4_000),
    Habits("columns-plain", "columns", named=False, points=100, large=4_000),
)
_MATYAN = ("matyan-a", "matyan-b")


def seed() -> int:
    """Another one for each session of tests, or that of TALLYBOOK_TEST_SEED; printed, to repeat what failed."""
    found = int(os.environ.get("TALLYBOOK_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TALLYBOOK_TEST_SEED={found}")  # noqa: T201 - shown when the test fails
    return found


@dataclass(frozen=True)
class Verdict:
    """acknowledged: messages. repeated: batches that a client sent again under their name. compared: what
    `compare_views` said."""

    kills: int
    acknowledged: int
    repeated: int
    findings: list[Finding]
    views_equal: bool
    compared: str

    def __str__(self) -> str:
        counts = Counter(finding.kind for finding in self.findings)
        views = "equal to" if self.views_equal else "DIFFERENT FROM"
        return (
            f"{self.kills} kills, {self.acknowledged} messages acknowledged, {counts['lost']} lost, "
            f"{counts['doubled']} doubled, {counts['wrong']} otherwise wrong, {self.repeated} batches sent again, "
            f"views {views} a fresh projection"
        )


def ordeal(folder: Path, kills: int, number: int) -> Verdict:
    """number: the seed. Raises AssertionError where the product said what no rule allows."""
    chance = random.Random(number)
    product = product_in(folder)
    with running(product):
        clients = _clients(product, number)
        for client in clients:
            client.start()
        try:
            for kill in _kills(chance, kills):
                kill(product, chance)
                product.process.start()
                _assert_not_surprised(clients)
        except BaseException:
            abandon_all(clients)
            raise
        stop_all(clients)
        found = _judged(product, clients, kills)
    assert not list(product.temporary.iterdir()), "killed processes left files outside the data folder"
    compared = _compared(product)
    for client in clients:
        print(client)  # noqa: T201 - for whoever looks
    return Verdict(
        kills,
        sum(client.acknowledged_messages for client in clients),
        sum(client.repeated for client in clients if isinstance(client, Writer)),
        found,
        compared.returncode == 0,
        compared.stdout + compared.stderr,
    )


def _clients(product: Product, number: int) -> list[Client]:
    """Half of them on each port; both serve everything."""
    ports = (product.port, product.ingest_port)
    native = [Writer(habits, ports[place % 2], number) for place, habits in enumerate(_NATIVE)]
    matyan = [MatyanWriter(name, ports[place % 2], number) for place, name in enumerate(_MATYAN)]

    def runs() -> list[str]:
        return [SHARED_RUN, native[0].own_run, *(writer.run_id for writer in matyan)]

    return [*native, *matyan, RestWriter("user", product.port, number, runs)]


def _kills(chance: random.Random, count: int) -> Iterator[Callable[[Product, random.Random], None]]:
    """Of five, at least one is at a start and one at a stop."""
    kinds = [_kill_while_starting] * max(1, count // 7) + [_kill_while_stopping] * max(1, count // 7)
    kinds += [_kill_at_work] * (count - len(kinds))
    chance.shuffle(kinds)
    yield from kinds


def _kill_at_work(product: Product, chance: random.Random) -> None:
    time.sleep(chance.uniform(0, _LONGEST_ROUND_SECONDS))
    product.process.kill()


def _kill_while_starting(product: Product, chance: random.Random) -> None:
    """A kill at work, and another one before the start after it has come to its end."""
    _kill_at_work(product, chance)
    process = product.process
    patience, process.start_seconds = process.start_seconds, chance.uniform(0.2, 1.2)
    try:
        with suppress(ServerFailed):  # it was not ready so soon: killed
            process.start()
            process.kill()
    finally:
        process.start_seconds = patience


def _kill_while_stopping(product: Product, chance: random.Random) -> None:
    time.sleep(chance.uniform(0, _LONGEST_ROUND_SECONDS))
    os.kill(product.process.pid, signal.SIGTERM)
    time.sleep(chance.uniform(0, _LONGEST_STOP_SECONDS))
    product.process.kill()


def _judged(product: Product, clients: Sequence[Client], kills: int) -> list[Finding]:
    _assert_not_surprised(clients)
    for client in clients:
        acknowledged = sum(each.fate == "acknowledged" for each in client.told)
        # A change by REST is answered when the views show it; many a kill comes before that.
        least = 1 if isinstance(client, RestWriter) else kills
        assert acknowledged >= least, f"{client.name} hardly wrote anything: {client}"
        named = isinstance(client, Writer) and client.habits.named
        assert not (named and any(each.fate == "unknown" for each in client.told)), client
    connection = Connection(product.port)
    try:
        told = _by_run(clients)
        catalog = told.pop(CATALOG)
        found = _judged_runs(connection, told)
        found += item_findings(catalog, experiments(connection))
        for writer in clients:
            if isinstance(writer, Writer):
                for run_id in (writer.own_run, SHARED_RUN):
                    found += findings(writer.sent_for(run_id), held_of(connection, run_id, writer.name))
        made = Counter(tag_names(connection))
        return found + [Finding("doubled", f"{times} tags {tag}") for tag, times in made.items() if times > 1]
    finally:
        connection.close()


def _assert_not_surprised(clients: Sequence[Client]) -> None:
    surprises = [surprise for client in clients for surprise in client.surprises]
    assert not surprises, surprises


def _by_run(clients: Sequence[Client]) -> dict[str, list[Told]]:
    told: dict[str, list[Told]] = {}
    for client in clients:
        for each in client.told:
            told.setdefault(each.change.run_id, []).append(each)
    return told


def _judged_runs(connection: Connection, told: dict[str, list[Told]]) -> list[Finding]:
    found: list[Finding] = []
    for run_id, sent in told.items():
        if any(each.fate == "acknowledged" for each in sent):
            wait_until_shown(connection, run_id)
            found += item_findings(sent, items_of(connection, run_id))
            found += property_findings(sent, properties_of(connection, run_id))
    shown = Counter(run_ids(connection))
    found += [Finding("doubled", f"the run {run_id} {times} times") for run_id, times in shown.items() if times > 1]
    return found + [Finding("wrong", f"a run that nobody began: {run_id}") for run_id in shown.keys() - told.keys()]


def _compared(product: Product) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.compare_views", product.data],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=_COMPARE_SECONDS,
        check=False,
    )
