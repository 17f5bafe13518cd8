"""The cluster's three services as processes of their own, on servers of their own: the log begins empty."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.product import is_ready
from tests.servers.clickhouse import ClickHouseServer, run_clickhouse
from tests.servers.kafka import KafkaServer, run_kafka
from tests.servers.mongo import MongoServer, run_mongo
from tests.servers.ports import HOST, free_port
from tests.servers.process import ServerProcess

STOP_SECONDS = 10.0
_COMMAND_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """Servers that run, and services that a test starts: the projector first, since it makes the views.

    environment: the settings of all services. A service that must be killed because it does not end within
    `STOP_SECONDS` has another exit code than 0.
    """

    kafka: KafkaServer
    mongo: MongoServer
    clickhouse: ClickHouseServer
    environment: Mapping[str, str]
    projector: ServerProcess
    command_api: ServerProcess
    query_api: ServerProcess

    @property
    def services(self) -> tuple[ServerProcess, ServerProcess, ServerProcess]:
        return self.projector, self.command_api, self.query_api

    @property
    def writes(self) -> str:
        return f"http://{HOST}:{self.environment['TALLYBOOK_COMMAND_PORT']}"

    @property
    def reads(self) -> str:
        return f"http://{HOST}:{self.environment['TALLYBOOK_QUERY_PORT']}"

    @property
    def worker(self) -> str:
        return f"http://{HOST}:{self.environment['TALLYBOOK_WORKER_PORT']}"

    def start(self) -> None:
        """Make the topics as operators do, then start what does not run."""
        made = self.run("tallybook-command-api", "topics")
        assert made.returncode == 0, made.stderr
        for service in self.services:
            if not service.is_running:
                service.start()

    def run(self, program: str, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """A command that ends by itself, with other settings where they are given."""
        return subprocess.run(
            [_program(program), *words],
            env={**os.environ, **self.environment, **settings},
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )


@contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    """Everything below `folder`; services that still run are stopped at the end, before their servers."""
    with ExitStack() as stack:
        kafka = stack.enter_context(run_kafka(folder / "kafka"))
        mongo = stack.enter_context(run_mongo(folder / "mongo"))
        clickhouse = stack.enter_context(run_clickhouse(folder / "clickhouse"))
        ports = {name: free_port() for name in ("WORKER", "COMMAND", "QUERY")}
        environment = {
            "TALLYBOOK_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "TALLYBOOK_KAFKA_REPLICATION": "1",
            "TALLYBOOK_KAFKA_MIN_INSYNC": "1",
            "TALLYBOOK_MONGO_URI": mongo.uri,
            "TALLYBOOK_MONGO_DATABASE": "profiles",
            "TALLYBOOK_CLICKHOUSE_DSN": clickhouse.dsn,
            "TALLYBOOK_REFERENCE_KEY": "key of tests",
            "TALLYBOOK_BLOBS": str(folder / "blobs"),
            **{f"TALLYBOOK_{name}_PORT": str(port) for name, port in ports.items()},
        }
        cluster = Cluster(
            kafka,
            mongo,
            clickhouse,
            environment,
            projector=_service(folder, environment, ports["WORKER"], "tallybook-projector", "run"),
            command_api=_service(folder, environment, ports["COMMAND"], "tallybook-command-api"),
            query_api=_service(folder, environment, ports["QUERY"], "tallybook-query-api"),
        )
        for service in cluster.services:
            stack.callback(service.stop)
        yield cluster


def _service(folder: Path, environment: Mapping[str, str], port: int, program: str, *words: str) -> ServerProcess:
    return ServerProcess(
        name=program,
        command=[_program(program), *words],
        log=folder / f"{program}.log",
        is_ready=lambda: is_ready(port),
        environment=environment,
        stop_seconds=STOP_SECONDS,
    )


def _program(name: str) -> Path:
    """The installed command beside the interpreter."""
    return Path(sys.executable).with_name(name)
