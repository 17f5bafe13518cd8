"""A file of 5 GB goes in and out while the server's memory stays as it is."""

import hashlib
import http.client
import logging
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import psutil
import pytest
from tests.e2e.product import Product, settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_000)]

log = logging.getLogger(__name__)

RUN = "large"
PATH = "ckpt/model.bin"
BLOCK_BYTES = 1 << 20
SIZE = 5_000_000_000 + 12_345
"""More than 32 bits can say, and no whole number of blocks."""
MOST_GROWTH_BYTES = 100 << 20
PATIENCE_SECONDS = 600
_PATTERN = bytes(range(256)) * (BLOCK_BYTES // 256)


def block(number: int) -> bytes:
    """Every block differs from every other."""
    return number.to_bytes(8, "big") + _PATTERN[8:]


def blocks(size: int) -> Iterator[bytes]:
    for number in range(-(-size // BLOCK_BYTES)):
        yield block(number)[: size - number * BLOCK_BYTES]


class Memory:
    """The resident memory of the product, looked at all the time."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._ended = threading.Event()
        self.most = self.now()

    def now(self) -> int:
        return int(self._process.memory_info().rss)

    @contextmanager
    def watched(self) -> Iterator["Memory"]:
        self.most = self.now()
        self._ended.clear()
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self.most = max(self.most, self.now())


def upload(product: Product, path: str, size: int) -> str:
    """SHA-256 of what was uploaded and announced."""
    wanted = {"run_id": RUN, "artifact_path": path, "content_type": "application/x-model"}
    given = httpx.post(f"{product.ingest_url}/api/v1/rest/artifacts/presign", json=wanted).raise_for_status().json()
    digest = hashlib.sha256()

    def body() -> Iterator[bytes]:
        for part in blocks(size):
            digest.update(part)
            yield part

    address = urlsplit(given["upload_url"])
    connection = http.client.HTTPConnection(str(address.hostname), address.port or 80, timeout=PATIENCE_SECONDS)
    headers = {"Content-Length": str(size), **(given["headers"] or {})}
    connection.request("PUT", address.path, body=body(), headers=headers)
    answer = connection.getresponse()
    assert answer.status == 204, answer.read()
    connection.close()
    announced = {"type": "blob_ref", "s3_key": given["s3_key"], "artifact_path": path}
    sent = httpx.post(f"{product.ingest_url}/api/v1/ingest/runs/{RUN}", json=[{"type": "create_run"}, announced])
    assert (sent.status_code, sent.json()["rejected"]) == (200, [])
    settle(product, RUN)
    return digest.hexdigest()


@contextmanager
def fetched(product: Product, path: str, asked: str | None = None) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_SECONDS)
    try:
        url = f"/api/v1/rest/runs/{RUN}/artifacts/{path}"
        connection.request("GET", url, headers={} if asked is None else {"Range": asked})
        yield connection.getresponse()
    finally:
        connection.close()


def test_five_gigabytes_go_in_and_out_in_little_memory(product: Product, folder: Path) -> None:
    memory = Memory(psutil.Process(product.process.pid))
    small = upload(product, "small.bin", 3 * BLOCK_BYTES)
    with fetched(product, "download?path=small.bin") as answer:
        assert hashlib.sha256(answer.read()).hexdigest() == small
    before = memory.now()
    growth: dict[str, int] = {}

    with memory.watched():
        whole = upload(product, PATH, SIZE)
    growth["upload"] = memory.most - before

    place = f"download?path={quote(PATH, safe='')}"
    with memory.watched(), fetched(product, place) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(SIZE))
        digest = hashlib.sha256()
        while part := answer.read(BLOCK_BYTES):
            digest.update(part)
    assert digest.hexdigest() == whole
    growth["download"] = memory.most - before

    start = 4_500 * BLOCK_BYTES
    with memory.watched(), fetched(product, place, f"bytes={start}-") as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (206, f"bytes {start}-{SIZE - 1}/{SIZE}")
        for number in range(4_500, -(-SIZE // BLOCK_BYTES)):
            expected = block(number)[: SIZE - number * BLOCK_BYTES]
            assert answer.read(BLOCK_BYTES) == expected, number
        assert answer.read() == b""
    growth["range"] = memory.most - before

    archive = folder / "all.zip"
    with memory.watched(), fetched(product, "download-all") as answer, archive.open("wb") as file:
        assert answer.status == 200
        while part := answer.read(BLOCK_BYTES):
            file.write(part)
    growth["archive"] = memory.most - before
    with zipfile.ZipFile(archive) as opened:
        assert [(one.filename, one.file_size) for one in opened.infolist()] == [
            ("small.bin", 3 * BLOCK_BYTES), (PATH, SIZE),
        ]  # fmt: skip
        assert opened.testzip() is None

    shown = ", ".join(f"{name} {grown / 2**20:.1f}" for name, grown in growth.items())
    log.info("resident memory before: %.1f MiB; growth in MiB: %s", before / 2**20, shown)
    assert max(growth.values()) <= MOST_GROWTH_BYTES, growth
