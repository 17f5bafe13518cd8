"""What time does in the cluster: two housekeepers and the removal of blobs, each a process of its own."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tests.integration.cluster import Cluster, cluster_in
from tests.servers.process import ServerProcess

from contracts.keys import UPLOADS, content_place
from contracts.routes import REST_PREFIX

pytestmark = [pytest.mark.kafka, pytest.mark.mongo, pytest.mark.clickhouse]

PATIENCE_SECONDS = 120.0
RUN = "gone"
QUICK = {
    "TALLYBOOK_TRASH_SECONDS": "1",
    "TALLYBOOK_TOMBSTONE_SECONDS": "1",
    "TALLYBOOK_HOUSEKEEPING_SECONDS": "0.5",
    "TALLYBOOK_BLOB_SETTLE_SECONDS": "1",
    "TALLYBOOK_BLOB_PAUSE_SECONDS": "0.5",
}
KEEPERS = (
    ("tallybook-command-api", "housekeeper"),
    ("tallybook-command-api", "housekeeper"),
    ("tallybook-projector", "effects"),
)


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    with cluster_in(folder) as cluster:
        cluster.start()
        yield cluster


@pytest.fixture
def keepers(cluster: Cluster, folder: Path) -> Iterator[list[ServerProcess]]:
    """Not started yet; they have no port to ask."""
    environment = {**cluster.environment, **QUICK}
    processes = [
        ServerProcess(
            name=" ".join(words),
            command=[Path(sys.executable).with_name(words[0]), *words[1:]],
            log=folder / f"keeper-{number}.log",
            is_ready=lambda: True,
            environment=environment,
        )
        for number, words in enumerate(KEEPERS)
    ]
    with ExitStack() as stack:
        for process in processes:
            stack.callback(process.stop)
        yield processes


def ingest(cluster: Cluster, value: str) -> None:
    message = {"type": "log_hparams", "value": {"large": value}}
    answer = httpx.post(f"{cluster.writes}/api/v1/ingest/runs/{RUN}", json=[{"type": "create_run"}, message])
    assert answer.status_code == 200, answer.text


def shown(cluster: Cluster) -> str | None:
    answer = httpx.get(f"{cluster.reads}{REST_PREFIX}/runs/{RUN}/info/")
    found: str | None = answer.json()["params"].get("large") if answer.status_code == 200 else None
    return found


def test_a_deleted_run_is_purged_with_its_blobs_and_its_id_is_free_again(
    cluster: Cluster, keepers: list[ServerProcess], folder: Path
) -> None:
    first, second = "first " * 100_000, "second " * 100_000
    ingest(cluster, first)
    until(lambda: shown(cluster) == first, "the run is not shown")
    content = folder / "blobs" / content_place(RUN)
    assert len(list(content.iterdir())) == 1
    orphan = folder / "blobs" / UPLOADS / "run" / "never-named"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    os.utime(orphan, (time.time() - 2 * 86_400,) * 2)
    assert httpx.delete(f"{cluster.writes}{REST_PREFIX}/runs/{RUN}/").status_code == 200
    for process in keepers:
        process.start()
    until(lambda: not content.exists(), "blobs of the purged run are still there")
    until(lambda: not orphan.exists(), "the upload that nobody named is still there")

    def is_taken() -> bool:
        ingest(cluster, second)
        return shown(cluster) == second

    until(is_taken, "the tombstone is still there")
    assert all(process.is_running for process in keepers)
    assert len(list(content.iterdir())) == 1
