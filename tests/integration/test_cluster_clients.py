"""Clients of the cluster that hold a connection, and the housekeeper that misses them."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients.matyan.playing import run_script, skip_without_client
from tests.integration.cluster import STOP_SECONDS, Cluster, cluster_in
from websockets.sync.client import connect

from contracts.routes import REST_PREFIX

pytestmark = [pytest.mark.kafka, pytest.mark.mongo, pytest.mark.clickhouse]

PATIENCE_SECONDS = 60.0
MESSAGES = [
    {"type": "create_run", "client_datetime": "2026-01-01T00:00:00.000000+00:00", "force_resume": False},
    {"type": "log_metric", "name": "m", "value": 1.0, "step": 0},
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_in(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.start()
        yield cluster


def props(cluster: Cluster, run_id: str) -> dict[str, Any] | None:
    answer = httpx.get(f"{cluster.reads}{REST_PREFIX}/runs/{run_id}/info/")
    found: dict[str, Any] | None = answer.json()["props"] if answer.status_code == 200 else None
    return found


def points(cluster: Cluster, run_id: str) -> dict[int, float]:
    wanted = [{"name": "m", "context": {}}]
    (metric,) = httpx.post(f"{cluster.reads}{REST_PREFIX}/runs/{run_id}/metric/get-batch/", json=wanted).json()
    return dict(zip(metric["iters"], metric["values"], strict=True))


def test_a_run_whose_client_left_without_a_word_is_finished(cluster: Cluster) -> None:
    with connect(f"{cluster.writes.replace('http', 'ws')}/api/v1/ws/runs/left") as socket:
        socket.send(json.dumps(MESSAGES))
        assert json.loads(socket.recv()) == {"status": "ok", "error": None}
    command: list[str | Path] = [Path(sys.executable).with_name("tallybook-command-api"), "housekeeper"]
    settings = {"TALLYBOOK_STALE_SECONDS": "2", "TALLYBOOK_HOUSEKEEPING_SECONDS": "0.5"}
    with subprocess.Popen(
        command, env={**os.environ, **cluster.environment, **settings}, stderr=subprocess.PIPE, text=True
    ) as keeper:
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while (seen := props(cluster, "left")) is None or seen["active"]:
                assert keeper.poll() is None, keeper.stderr
                assert time.monotonic() < deadline, seen
                time.sleep(0.2)
            assert seen["end_time"] >= seen["creation_time"]
        finally:
            keeper.terminate()
            _, errors = keeper.communicate(timeout=STOP_SECONDS)
    assert keeper.returncode == 0, errors


async def test_the_real_client_goes_on_with_a_run_and_reads_it_back(cluster: Cluster) -> None:
    skip_without_client()
    status, said, errors = await run_script("resume-and-read", cluster.writes, cluster.reads, "0" * 32, 0.0)
    assert status == 0, errors
    assert [metric["name"] for metric in said["metrics"]] == ["m"]
    assert said["begun"] is True
    # A resumed client counts from 0 again: the last write at a step wins.
    expected = {0: 9.0, 1: 2.0, 2: 3.0, 3: 4.0}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (seen := points(cluster, "0" * 32)) != expected:
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.2)


def test_uploads_without_a_secret_say_what_is_missing(cluster: Cluster) -> None:
    """These blobs lie in a folder that services share: no store signs addresses, and no secret was given."""
    answer = httpx.post(
        f"{cluster.writes}{REST_PREFIX}/artifacts/presign", json={"run_id": "left", "artifact_path": "a"}
    )
    assert answer.status_code == 503
    assert "TALLYBOOK_UPLOAD_KEY" in answer.json()["message"]
