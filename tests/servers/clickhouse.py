"""ClickHouse's HTTP interface over the embedded engine, so that clients of several processes share one engine."""

import http.client
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.java import REPOSITORY
from tests.servers.ports import HOST, free_port
from tests.servers.process import ServerProcess

_SERVER = REPOSITORY / "deploy" / "dev" / "clickhouse_http" / "server.py"


@dataclass(frozen=True)
class ClickHouseServer:
    """An HTTP address for clickhouse-connect: `host` and `port`, or `dsn`. Database `default`, no user."""

    host: str
    port: int
    process: ServerProcess

    @property
    def dsn(self) -> str:
        return f"http://{self.host}:{self.port}/default"

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
def run_clickhouse(folder: Path) -> Iterator[ClickHouseServer]:
    """A server with its data in `folder` (made if missing); stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    process = ServerProcess(
        name="ClickHouse",
        command=[sys.executable, _SERVER, "--path", folder / "data", "--port", str(port)],
        log=folder / "clickhouse.log",
        is_ready=lambda: _pings(port),
    )
    process.start()
    try:
        yield ClickHouseServer(HOST, port, process)
    finally:
        process.stop()


def _pings(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().read() == b"Ok.\n"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
