"""The embedded product as one process, as users start it."""

import http.client
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.servers.ports import HOST, free_port
from tests.servers.process import ServerProcess

_START_SECONDS = 60.0
_SHOWN_SECONDS = 60.0


@dataclass(frozen=True)
class Product:
    """data: the folder, made by the product. port, ingest_port: both serve everything."""

    data: Path
    port: int
    ingest_port: int
    process: ServerProcess

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ingest_url(self) -> str:
        return f"http://{HOST}:{self.ingest_port}"

    @property
    def words(self) -> list[str]:
        """The words of the command line that start it."""
        return _words(self.data, self.port, self.ingest_port)


def product_on(data: Path, environment: Mapping[str, str] | None = None) -> Product:
    """Not started yet. Its log lies beside the folder; `environment` is laid over that of the tests."""
    port, ingest_port = free_port(), free_port()
    process = ServerProcess(
        name="Tallybook",
        command=[sys.executable, "-m", "standalone", *_words(data, port, ingest_port)],
        log=data.with_name(f"{data.name}.log"),
        environment=environment or {},
        is_ready=lambda: is_ready(port) and is_ready(ingest_port),
        start_seconds=_START_SECONDS,
    )
    return Product(data, port, ingest_port, process)


def _words(data: Path, port: int, ingest_port: int) -> list[str]:
    return ["up", "--data", str(data), "--port", str(port), "--ingest-port", str(ingest_port)]


@contextmanager
def running(product: Product) -> Iterator[Product]:
    """Started, and stopped at the end however often it was killed in between."""
    product.process.start()
    try:
        yield product
    finally:
        product.process.stop()


def settle(product: Product, run_id: str) -> None:
    """Until the views hold all that the log holds of this run; it has the tag "read" then."""
    rest = f"{product.url}/api/v1/rest/runs/{run_id}"
    deadline = time.monotonic() + _SHOWN_SECONDS
    # A mutation waits for its own outcome, and so for everything before it, but not for ever.
    while not _is_shown(httpx.post(f"{rest}/tags/new/", json={"tag_name": "read"})):
        assert time.monotonic() < deadline, f"{run_id} is not shown within {_SHOWN_SECONDS:g} s"


def _is_shown(answer: httpx.Response) -> bool:
    """False for an answer that the views were too far behind for; an error if it was refused for another reason."""
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return False
    answer.raise_for_status()
    return "X-Tallybook-Visible" not in answer.headers


def is_ready(port: int) -> bool:
    """One question; False if nobody answers it."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
