"""How the cluster's services start, refuse, go through the absence of their stores, and end."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public, but the client has no __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from tests.integration.cluster import Cluster, cluster_in
from tests.servers.ports import HOST
from tests.servers.process import ServerProcess

from contracts.routes import REST_PREFIX
from contracts.topics import CATALOG, DEAD_LETTERS, TOPICS

pytestmark = [pytest.mark.kafka, pytest.mark.mongo, pytest.mark.clickhouse]

PATIENCE_SECONDS = 60.0
WITH_KAFKA = (("tallybook-command-api",), ("tallybook-projector", "run"))
POSITION_HEADER = "X-Tallybook-Position"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Every test leaves the servers running and the topics as they should be."""
    with cluster_in(tmp_path_factory.mktemp("cluster")) as cluster:
        made = cluster.run("tallybook-command-api", "topics")
        assert (made.returncode, made.stderr) == (0, "")
        assert made.stdout == "".join(f"{name}: made\n" for name in TOPICS)
        yield cluster


@pytest.fixture
def stopped(servers: Cluster) -> Cluster:
    for service in servers.services:
        service.stop()
    return servers


@pytest.fixture
def cluster(servers: Cluster) -> Cluster:
    """All services run and are ready."""
    servers.start()
    for address in (servers.worker, servers.writes, servers.reads):
        until(partial(is_ready, address), f"{address} is ready")
    return servers


def test_topics_are_made_once(stopped: Cluster) -> None:
    again = stopped.run("tallybook-command-api", "topics")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == "".join(f"{name}: is as it should be\n" for name in TOPICS)


@pytest.mark.parametrize("words", [("tallybook-command-api", "topics"), *WITH_KAFKA])
def test_wrong_topic_settings_are_refused_with_the_fix(stopped: Cluster, words: tuple[str, ...]) -> None:
    """The log would forget: nothing may be written to it."""
    set_retention(stopped, CATALOG, "86400000")
    try:
        refused = stopped.run(*words)
    finally:
        set_retention(stopped, CATALOG, "-1")
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert f"topic {CATALOG} has retention.ms=86400000 instead of -1; fix: kafka-configs.sh" in refused.stderr


@pytest.mark.parametrize("words", WITH_KAFKA)
def test_missing_topic_is_refused_until_the_job_made_it(stopped: Cluster, words: tuple[str, ...]) -> None:
    client = AdminClient({"bootstrap.servers": stopped.kafka.bootstrap})
    client.delete_topics([DEAD_LETTERS])[DEAD_LETTERS].result(PATIENCE_SECONDS)
    until(lambda: DEAD_LETTERS not in client.list_topics(timeout=5).topics, "the topic is gone")
    refused = stopped.run(*words)
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert f"topic {DEAD_LETTERS} is missing; fix: run the job tallybook-command-api topics" in refused.stderr
    made = stopped.run("tallybook-command-api", "topics")
    assert (made.returncode, made.stderr) == (0, "")
    assert f"{DEAD_LETTERS}: made\n" in made.stdout


def test_missing_setting_of_the_job_is_named(stopped: Cluster) -> None:
    refused = stopped.run("tallybook-command-api", "topics", TALLYBOOK_KAFKA_BOOTSTRAP="")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "TALLYBOOK_KAFKA_BOOTSTRAP" in refused.stderr


def test_all_services_end_in_good_order(cluster: Cluster) -> None:
    ingest(cluster, "before-the-end")
    # What other tests made of the same services stands in the same files.
    said_before = {service.name: len(service.log.read_text()) for service in cluster.services}
    assert {service.name: service.stop() for service in reversed(cluster.services)} == ended_well(cluster)
    for service in cluster.services:
        assert "Traceback" not in service.log.read_text()[said_before[service.name] :]


def test_clients_that_never_finish_do_not_keep_them_up(cluster: Cluster) -> None:
    with (
        half_a_request(cluster.writes, "/api/v1/ingest/runs/half"),
        half_a_request(cluster.reads, f"{REST_PREFIX}/runs/search/metric/align/"),
    ):
        assert {service.name: service.stop() for service in cluster.services} == ended_well(cluster)


def test_they_end_although_their_stores_are_away(cluster: Cluster) -> None:
    ingest(cluster, "before-the-stores-went")
    with away(cluster.clickhouse.process), away(cluster.mongo.process), away(cluster.kafka.process):
        assert {service.name: service.stop() for service in cluster.services} == ended_well(cluster)


@pytest.mark.parametrize("store", ["documents", "columns"])
def test_reads_are_refused_while_a_store_is_away_and_come_back(cluster: Cluster, store: str) -> None:
    server = {"documents": cluster.mongo.process, "columns": cluster.clickhouse.process}[store]
    position = ingest(cluster, "read-before-and-after")
    wait_for_run(cluster, "read-before-and-after", position)
    with away(server):
        degraded = httpx.get(f"{cluster.reads}/health/ready/", timeout=PATIENCE_SECONDS)
        assert degraded.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert degraded.json()["status"] == "degraded"
        assert degraded.json()["checks"][store] != "ok"
        assert httpx.get(f"{cluster.reads}/health/live/").status_code == httpx.codes.OK
        refused = points(cluster, "read-before-and-after")
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(refused.headers["retry-after"]) > 0
    until(lambda: is_ready(cluster.reads), "the query API is ready again")
    assert points(cluster, "read-before-and-after").json()[0]["values"] == [0.5]


@pytest.mark.parametrize("store", ["documents", "columns"])
def test_ingestion_goes_on_while_a_view_store_is_away(cluster: Cluster, store: str) -> None:
    server = {"documents": cluster.mongo.process, "columns": cluster.clickhouse.process}[store]
    with away(server):
        position = ingest(cluster, f"taken-without-{store}")
        assert not is_ready(cluster.worker)
    wait_for_run(cluster, f"taken-without-{store}", position)
    assert points(cluster, f"taken-without-{store}").json()[0]["values"] == [0.5]
    assert cluster.projector.is_running


def test_writes_are_refused_while_the_log_is_away_and_come_back(cluster: Cluster) -> None:
    with away(cluster.kafka.process):
        degraded = httpx.get(f"{cluster.writes}/health/ready/", timeout=PATIENCE_SECONDS)
        assert degraded.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert degraded.json()["checks"]["log"] != "ok"
        refused = send(cluster, "not-taken")
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE, refused.text
        assert int(refused.headers["retry-after"]) > 0
        assert is_ready(cluster.reads)
    until(lambda: is_ready(cluster.writes), "the command API is ready again")
    wait_for_run(cluster, "taken-again", ingest(cluster, "taken-again"))


def test_a_run_may_be_changed_before_the_projector_has_seen_it(cluster: Cluster) -> None:
    """Nothing is said to be missing while the views are behind the log."""
    with held_up(cluster.projector):
        ingest(cluster, "changed-at-once")
        refused = rename(cluster, "changed-at-once")
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE, refused.text
        assert int(refused.headers["retry-after"]) > 0

    def is_changed() -> bool:
        answer = rename(cluster, "changed-at-once")
        assert answer.status_code in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}, answer.text
        return answer.is_success

    until(is_changed, "the run is changed")
    assert rename(cluster, "never-begun").status_code == httpx.codes.NOT_FOUND


def ended_well(cluster: Cluster) -> dict[str, int]:
    return {service.name: 0 for service in cluster.services}


@contextmanager
def away(server: ServerProcess) -> Iterator[None]:
    """Stopped in good order, since the stand-in for MongoDB forgets its last second when it is killed."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def held_up(server: ServerProcess) -> Iterator[None]:
    """It does nothing, and does not know it."""
    os.killpg(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGCONT)


@contextmanager
def half_a_request(address: str, path: str) -> Iterator[None]:
    """Its other half never comes."""
    with socket.create_connection((HOST, int(address.rpartition(":")[2]))) as client:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n["
        client.sendall(head.encode())
        client.settimeout(0.5)  # until the server has read it, or has refused to
        with pytest.raises(TimeoutError):
            client.recv(1)
        yield


def set_retention(cluster: Cluster, topic: str, value: str) -> None:
    entry = ConfigEntry("retention.ms", value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient({"bootstrap.servers": cluster.kafka.bootstrap})
    client.incremental_alter_configs([resource])[resource].result(PATIENCE_SECONDS)

    def found() -> bool:
        answer = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)])
        return all(config.result(PATIENCE_SECONDS)["retention.ms"].value == value for config in answer.values())

    until(found, f"{topic} has retention.ms={value}")


def send(cluster: Cluster, run_id: str) -> httpx.Response:
    address = f"{cluster.writes}/api/v1/ingest/runs/{run_id}"
    message: dict[str, Any] = {"type": "log_metric", "name": "loss", "value": 0.5, "step": 1}
    return httpx.post(address, content=json.dumps(message), timeout=PATIENCE_SECONDS)


def ingest(cluster: Cluster, run_id: str) -> str:
    """The position."""
    answer = send(cluster, run_id)
    assert answer.status_code == httpx.codes.OK, answer.text
    position: str = answer.json()["position"]
    return position


def rename(cluster: Cluster, run_id: str) -> httpx.Response:
    address = f"{cluster.writes}{REST_PREFIX}/runs/{run_id}/"
    return httpx.put(address, json={"name": "another name"}, timeout=PATIENCE_SECONDS)


def points(cluster: Cluster, run_id: str) -> httpx.Response:
    address = f"{cluster.reads}{REST_PREFIX}/runs/{run_id}/metric/get-batch/"
    return httpx.post(address, json=[{"name": "loss", "context": {}}], timeout=PATIENCE_SECONDS)


def wait_for_run(cluster: Cluster, run_id: str, position: str) -> None:
    address = f"{cluster.reads}{REST_PREFIX}/runs/{run_id}/info/"

    def seen() -> bool:
        answer = httpx.get(address, headers={POSITION_HEADER: position}, timeout=PATIENCE_SECONDS)
        return answer.status_code == httpx.codes.OK

    until(seen, f"run {run_id} is seen")


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=PATIENCE_SECONDS).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:g} s: {what}"
        time.sleep(0.05)
