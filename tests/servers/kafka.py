"""A real Apache Kafka of one node, its own controller; topics are made by the test, never by accident."""

import base64
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from tests.servers.java import REPOSITORY, SMALL_JVM, jars_of, require_java
from tests.servers.ports import HOST, accepts_connections, free_port
from tests.servers.process import ServerFailed, ServerProcess

_POM = REPOSITORY / "deploy" / "dev" / "kafka" / "pom.xml"


@dataclass(frozen=True)
class KafkaServer:
    """A broker. `bootstrap` is host:port, replication factor and min.insync.replicas are 1."""

    bootstrap: str
    process: ServerProcess

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.process.log

    def kill(self) -> None:
        """SIGKILL; what was acknowledged is in its folder."""
        self.process.kill()

    def restart(self) -> None:
        """Start again, after `kill` too, with the same data and port."""
        self.process.restart()


@contextmanager
def run_kafka(folder: Path) -> Iterator[KafkaServer]:
    """A broker with its data in `folder` (empty or absent), ready for topics; stopped at the end."""
    java, jars = require_java(), jars_of(_POM)
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    properties = folder / "server.properties"
    properties.write_text(_properties(folder / "data", port, free_port()))
    log = folder / "kafka.log"
    on_class_path = [str(java), *SMALL_JVM, "-cp", f"{jars}/*"]
    _format(on_class_path, properties, log)
    bootstrap = f"{HOST}:{port}"
    process = ServerProcess(
        name="Kafka",
        command=[*on_class_path, "kafka.Kafka", properties],
        log=log,
        is_ready=lambda: accepts_connections(port) and _answers(bootstrap),
    )
    process.start()
    try:
        yield KafkaServer(bootstrap, process)
    finally:
        process.stop()


def _properties(data: Path, port: int, controller_port: int) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "1",  # 50 by default, which the first idempotent producer waits for
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # A killed broker is let in again when its old session has ended: 9 s by default.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _format(on_class_path: list[str], properties: Path, log: Path) -> None:
    """Give the data folder a cluster id. Raises ServerFailed."""
    # 22 characters of URL-safe base64, as the broker wants it; a leading "-" would be taken for an option.
    cluster_id = "T" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
    formatted = subprocess.run(
        [*on_class_path, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", properties],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    log.write_text(formatted.stdout)
    if formatted.returncode != 0:
        raise ServerFailed(f"Kafka could not format its folder:\n{formatted.stdout}")


def _answers(bootstrap: str) -> bool:
    try:
        return bool(AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=2).brokers)
    except KafkaException:
        return False
