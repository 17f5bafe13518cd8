"""Embedded product and cluster are the same product: one session, equal answers, positions in the log included."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.product import is_ready, product_on, running
from tests.e2e.scripted_session import Answers, Session
from tests.servers.clickhouse import run_clickhouse
from tests.servers.kafka import run_kafka
from tests.servers.mongo import run_mongo
from tests.servers.ports import HOST, free_port
from tests.servers.process import ServerProcess

from stores.eventlog.kafka_topics import create_topics

pytestmark = [pytest.mark.kafka, pytest.mark.mongo, pytest.mark.clickhouse]


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short name: the embedded product has a socket in it."""
    path = Path(tempfile.mkdtemp(prefix="tb-"))
    yield path
    shutil.rmtree(path)


def test_one_session_gives_equal_answers(folder: Path) -> None:
    embedded = answers_of_embedded(folder / "embedded")
    cluster = answers_of_cluster(folder / "cluster")
    assert embedded.keys() == cluster.keys()
    assert {name: (embedded[name], cluster[name]) for name in embedded if embedded[name] != cluster[name]} == {}


def answers_of_embedded(folder: Path) -> Answers:
    with running(product_on(folder)) as product:
        return answers(product.ingest_url, product.url)


def answers_of_cluster(folder: Path) -> Answers:
    """Three processes of ours on servers of their own, so that the log begins empty here too."""
    folder.mkdir()
    with ExitStack() as stack:
        kafka = stack.enter_context(run_kafka(folder / "kafka"))
        mongo = stack.enter_context(run_mongo(folder / "mongo"))
        clickhouse = stack.enter_context(run_clickhouse(folder / "clickhouse"))
        asyncio.run(create_topics(kafka.bootstrap, 1, 1))
        command_port, query_port, worker_port = free_port(), free_port(), free_port()
        environment = {
            "TALLYBOOK_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "TALLYBOOK_KAFKA_REPLICATION": "1",
            "TALLYBOOK_KAFKA_MIN_INSYNC": "1",
            "TALLYBOOK_MONGO_URI": mongo.uri,
            "TALLYBOOK_CLICKHOUSE_DSN": clickhouse.dsn,
            "TALLYBOOK_BLOBS": str(folder / "blobs"),
            "TALLYBOOK_COMMAND_PORT": str(command_port),
            "TALLYBOOK_QUERY_PORT": str(query_port),
            "TALLYBOOK_WORKER_PORT": str(worker_port),
        }
        # The projector first: it makes the views, without which the others are not ready.
        for words, port in (
            (["tallybook-projector", "run"], worker_port),
            (["tallybook-command-api"], command_port),
            (["tallybook-query-api"], query_port),
        ):
            process = service(words, port, environment, folder)
            stack.callback(process.stop)
            process.start()
        return answers(f"http://{HOST}:{command_port}", f"http://{HOST}:{query_port}")


def service(words: list[str], port: int, environment: Mapping[str, str], folder: Path) -> ServerProcess:
    program, *rest = words
    return ServerProcess(
        name=program,
        command=[Path(sys.executable).with_name(program), *rest],
        log=folder / f"{program}.log",
        is_ready=lambda: is_ready(port),
        environment=environment,
    )


def answers(writes: str, reads: str) -> Answers:
    session = Session(writes, reads)
    try:
        return session.run()
    finally:
        session.close()
