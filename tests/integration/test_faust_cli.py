"""`tallybook-projector` as a process of its own, on the servers of the cluster."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.replay.random_log import random_records
from tests.servers.clickhouse import run_clickhouse
from tests.servers.kafka import run_kafka
from tests.servers.mongo import run_mongo
from tests.servers.ports import free_port

from stores.eventlog.kafka import KafkaEventLogWriter
from stores.eventlog.kafka_topics import create_topics

pytestmark = [pytest.mark.kafka, pytest.mark.mongo, pytest.mark.clickhouse]

PATIENCE_SECONDS = 60.0
RECORDS = 400


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a cluster of its own; one log for all tests of this file."""
    folder = tmp_path_factory.mktemp("cluster")
    with (
        run_kafka(folder / "kafka") as kafka,
        run_mongo(folder / "mongo") as mongo,
        run_clickhouse(folder / "clickhouse") as clickhouse,
    ):
        asyncio.run(write_log(kafka.bootstrap))
        yield {
            **os.environ,
            "TALLYBOOK_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "TALLYBOOK_KAFKA_REPLICATION": "1",
            "TALLYBOOK_KAFKA_MIN_INSYNC": "1",
            "TALLYBOOK_MONGO_URI": mongo.uri,
            "TALLYBOOK_CLICKHOUSE_DSN": clickhouse.dsn,
            "TALLYBOOK_WORKER_PORT": str(free_port()),
        }


async def write_log(bootstrap: str) -> None:
    await create_topics(bootstrap, 1, 1)
    writer = await KafkaEventLogWriter.open(bootstrap, 1)
    await writer.append(random_records(11, RECORDS))
    await writer.close()


def command(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "projector.cli", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class Worker:
    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        self.port = environment["TALLYBOOK_WORKER_PORT"]
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "projector.cli", "run"], env=environment, stdout=output, stderr=output
            )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.get("/health/ready/")[0] != 200:
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def worker(environment: dict[str, str], tmp_path: Path) -> Iterator[Worker]:
    started = Worker(environment, tmp_path / "worker.log")
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait(PATIENCE_SECONDS)


def status(environment: dict[str, str]) -> dict[str, object]:
    answer = command(environment, "views", "status", "--json")
    assert answer.returncode == 0, answer.stderr
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def test_the_worker_follows_the_log_and_stops_when_told(environment: dict[str, str], worker: Worker) -> None:
    worker.wait_ready()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while status(environment)["lag"] != 0:
        assert time.monotonic() < deadline
    assert worker.get("/health/live")[0] == 200
    metrics = worker.get("/metrics")[1]
    assert 'tallybook_projector_events_total{outcome="applied"}' in metrics
    assert worker.get("/other")[0] == 404
    refused = command(environment, "views", "rebuild")
    assert refused.returncode != 0
    assert "projector_running" in refused.stderr
    assert worker.stop() == 0, worker.log.read_text()

    rebuilt = command(environment, "views", "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert f"version 2 is live: {RECORDS} records" in rebuilt.stdout
    found = status(environment)
    assert (found["version"], found["left_over"]) == (2, [1])

    again = Worker(environment, Path(os.devnull))
    try:
        again.wait_ready()
        assert "older versions are still there: version 1;" in command(environment, "views", "status").stdout
        for removed in ("version 1", "nothing"):
            dropped = command(environment, "views", "drop")
            assert (dropped.returncode, dropped.stdout) == (0, f"removed: {removed}\n"), dropped.stderr
        assert again.stop() == 0
    finally:
        again.process.kill()
    found = status(environment)
    assert (found["version"], found["left_over"], found["lag"]) == (2, [], 0)


def test_topics_that_are_not_as_set_are_refused_with_the_fix(environment: dict[str, str]) -> None:
    refused = command({**environment, "TALLYBOOK_KAFKA_REPLICATION": "3"}, "run")
    assert refused.returncode != 0
    assert "replicas instead of 3" in refused.stderr


def test_a_setting_that_is_missing_is_named(environment: dict[str, str]) -> None:
    lacking = {name: value for name, value in environment.items() if name != "TALLYBOOK_MONGO_URI"}
    refused = command(lacking, "run")
    assert refused.returncode != 0
    assert "TALLYBOOK_MONGO_URI" in refused.stderr
