"""The embedded product as one process on one data folder, which tests kill and start again."""

import http.client
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import HOST, free_port
from tests.servers.process import ServerProcess

START_SECONDS = 60.0


@dataclass(frozen=True)
class Product:
    """data: the folder. temporary: what its process takes for the system's folder of temporary files.

    port, ingest_port: both serve everything. The process is started and stopped by tests.
    """

    data: Path
    temporary: Path
    port: int
    ingest_port: int
    process: ServerProcess

    @property
    def log_file(self) -> Path:
        return self.data / "events.sqlite"

    @property
    def documents_file(self) -> Path:
        return self.data / "documents.sqlite"

    @property
    def columns_folder(self) -> Path:
        return self.data / "columns"


def product_in(folder: Path, *, data: Path | None = None, around: Sequence[str | Path] = ()) -> Product:
    """Not started yet. `data` is made by the product when missing; `around` is a command that runs another command."""
    port, ingest_port = free_port(), free_port()
    data = folder / "data" if data is None else data
    temporary = folder / "temporary"
    temporary.mkdir()
    process = ServerProcess(
        name="Tallybook",
        command=[
            *(*around, sys.executable, "-m", "standalone", "up", "--data", data),
            *("--port", str(port), "--ingest-port", str(ingest_port)),
        ],
        log=folder / "tallybook.log",
        environment={"TMPDIR": str(temporary)},  # what a killed process leaves behind goes with the test's folder
        is_ready=lambda: is_ready(port) and is_ready(ingest_port),
        start_seconds=START_SECONDS,
    )
    return Product(data, temporary, port, ingest_port, process)


@contextmanager
def running(product: Product) -> Iterator[Product]:
    """Started, and stopped at the end however often it was killed in between."""
    product.process.start()
    try:
        yield product
    finally:
        product.process.stop()


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
