"""A MongoDB-compatible server with its data on disk; shows that an adapter is right, never how fast MongoDB is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError
from tests.servers.java import REPOSITORY, SMALL_JVM, jars_of, require_java
from tests.servers.ports import HOST, accepts_connections, free_port
from tests.servers.process import ServerProcess

_SOURCES = REPOSITORY / "deploy" / "dev" / "mongo"
_HEAP = "-Xmx1g"  # it writes the changes of a second in one copy: for documents of many megabytes 384 MB are too few


@dataclass(frozen=True)
class MongoServer:
    """`uri` is a connection string without a database. No sessions, no transactions, no replica set."""

    uri: str
    process: ServerProcess

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.process.log

    def kill(self) -> None:
        """SIGKILL; the last second of writes may be gone, so an older state may come back."""
        self.process.kill()

    def restart(self) -> None:
        """Start again, after `kill` too, with the same data and port."""
        self.process.restart()


@contextmanager
def run_mongo(folder: Path) -> Iterator[MongoServer]:
    """A server with its data in `folder` (made if missing); stopped at the end."""
    java, jars = require_java(), jars_of(_SOURCES / "pom.xml")
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    uri = f"mongodb://{HOST}:{port}/"
    process = ServerProcess(
        name="Mongo",
        command=[
            *(java, *SMALL_JVM, _HEAP, "-cp", f"{jars}/*"),
            *(_SOURCES / "MongoDev.java", folder / "data.h2", HOST, str(port)),
        ],
        log=folder / "mongo.log",
        is_ready=lambda: accepts_connections(port) and _answers(uri),
    )
    process.start()
    try:
        yield MongoServer(uri, process)
    finally:
        process.stop()


def _answers(uri: str) -> bool:
    client: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(uri, serverSelectionTimeoutMS=2000) as client:
        try:
            return bool(client.admin.command("ping")["ok"])
        except PyMongoError:
            return False
