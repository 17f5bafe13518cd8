"""How the server starts, refuses, and ends."""

import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product, is_ready, product_on, settle
from tests.servers.ports import HOST, accepts_connections

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


@contextmanager
def starting(product: Product) -> Iterator["subprocess.Popen[str]"]:
    """The process from its first moment, killed at the end if it still runs."""
    command = [sys.executable, "-m", "standalone", *product.words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not accepts_connections(port):
        assert time.monotonic() < deadline, f"nobody listens on {port}"
        time.sleep(0.005)


def test_who_can_connect_gets_an_answer_at_once(stopped_product: Product) -> None:
    """Nothing listens before everything is ready."""
    with starting(stopped_product):
        wait_for_port(stopped_product.port)
        assert is_ready(stopped_product.port)


def test_both_ports_serve_everything(product: Product) -> None:
    for port in (product.port, product.ingest_port):
        for path in ("/health/live/", "/health/ready/", "/api/projects/", "/api/v1/rest/projects/", "/schema"):
            assert httpx.get(f"http://{HOST}:{port}{path}").status_code == httpx.codes.OK, path


def test_readiness_names_every_dependency(product: Product) -> None:
    answer = httpx.get(f"{product.url}/health/ready/").json()
    assert answer["status"] == "ok"
    assert set(answer["checks"]) >= {"log", "documents", "columns", "views", "projector"}


def test_metrics_are_text_for_machines(product: Product) -> None:
    answer = httpx.get(f"{product.url}/metrics/")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "tallybook_projector_lag_records" in answer.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_good_order_within_five_seconds(stopped_product: Product, number: signal.Signals) -> None:
    with starting(stopped_product) as process:
        wait_for_port(stopped_product.port)
        process.send_signal(number)
        assert process.wait(_STOP_SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_client_that_never_finishes_does_not_keep_it_up(stopped_product: Product) -> None:
    with starting(stopped_product) as process:
        wait_for_port(stopped_product.port)
        with socket.create_connection((HOST, stopped_product.port)) as client:
            head = "POST /api/v1/ingest/runs/half HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n["
            client.sendall(head.encode())
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(_STOP_SECONDS) == 0


def test_a_signal_while_it_starts_ends_it(stopped_product: Product) -> None:
    with starting(stopped_product) as process:
        deadline = time.monotonic() + _START_SECONDS
        while not (stopped_product.data / "columns").exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        # Before its own handler is there the system ends it; nothing was taken from anybody yet.
        assert process.wait(_STOP_SECONDS) in {0, -signal.SIGTERM}
    stopped_product.process.start()


def test_second_process_on_a_folder_is_refused(product: Product, folder: Path) -> None:
    refused = tallybook(*product_on(product.data).words)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert f"process {product.process.pid}" in refused.stderr
    assert is_ready(product.port)


@pytest.mark.parametrize("option", ["--port", "--ingest-port"])
def test_port_in_use_is_refused(product: Product, folder: Path, option: str) -> None:
    other = product_on(folder / "other")
    refused = tallybook(*other.words, option, str(product.port))
    assert refused.returncode == 2
    assert refused.stderr == f"tallybook: port {product.port} of {HOST} is in use; choose another one with {option}\n"


def test_one_port_for_both_is_refused(folder: Path) -> None:
    refused = tallybook("up", "--data", folder / "data", "--port", "18000", "--ingest-port", "18000")
    assert refused.returncode == 2
    assert "two different ports" in refused.stderr


def test_folder_of_something_else_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "thesis.tex").write_text("precious")
    mode = folder.stat().st_mode
    refused = tallybook("up", "--data", folder)
    assert refused.returncode == 2
    assert "no data folder" in refused.stderr
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]
    assert folder.stat().st_mode == mode


def test_nobody_else_may_look_into_the_folder(product: Product) -> None:
    assert stat.S_IMODE(product.data.stat().st_mode) == 0o700
    for name in ("tallybook.sock", "upload.key"):
        assert stat.S_IMODE((product.data / name).stat().st_mode) == 0o600


def test_admin_routes_are_on_the_unix_socket_alone(product: Product) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(product.data / "tallybook.sock"))) as client:
        assert client.get("http://tallybook/status").json()["pid"] == product.process.pid
    for path in ("/status", "/views", "/log"):
        answer = httpx.get(f"{product.url}{path}")
        assert "application/json" not in answer.headers["content-type"] or answer.status_code == 404


def test_nothing_but_data_is_left_behind(product: Product) -> None:
    product.process.stop()
    left = {path.name for path in product.data.iterdir()}
    stores = {"events.sqlite", "documents.sqlite", "columns", "blobs"}
    assert left - {"temporary"} == stores | {"owner.lock", "upload.key", "reference.key"}


def test_damaged_log_is_said_and_nothing_is_served(product: Product) -> None:
    product.process.stop()
    (product.data / "events.sqlite").write_bytes(b"no database " * 1000)
    ended = tallybook(*product.words)
    assert ended.returncode == 1
    assert ended.stderr.startswith("tallybook: the log's file is damaged")


def test_views_of_another_generation_are_said_and_nothing_is_served(product: Product) -> None:
    ingest(product, "a-run")
    product.process.stop()
    with closing(sqlite3.connect(product.data / "events.sqlite")) as log, log:
        log.execute("UPDATE generation SET value = 2")
    ended = tallybook(*product.words)
    assert ended.returncode == 1
    assert "generation" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_projector_that_cannot_go_on_ends_the_process_with_its_reason(stopped_product: Product) -> None:
    """A log with a gap: going on would lose what belongs there."""
    stopped_product.process.start()
    append_garbage(stopped_product, range(1, 2))
    deadline = time.monotonic() + _START_SECONDS
    while stopped_product.process.is_running:
        assert time.monotonic() < deadline, "the process goes on without its projector"
        time.sleep(0.05)
    assert "tallybook: the projector stopped: " in stopped_product.process.log.read_text()


def test_too_many_invalid_events_stop_the_views_alone_and_the_next_start_goes_on(stopped_product: Product) -> None:
    """More of them than one batch holds, in the log before the start."""
    process = stopped_product.process
    process.start()
    process.stop()
    append_garbage(stopped_product, range(2_500))

    process.is_ready = lambda: accepts_connections(stopped_product.port)
    process.start()
    refusal = httpx.get(f"{stopped_product.url}/health/ready")
    assert refusal.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "2000 invalid events" in refusal.json()["checks"]["projector"]
    assert "tallybook: the projector stopped: 2000 invalid events" in process.log.read_text()
    ingest(stopped_product, "a-run")
    assert httpx.get(f"{stopped_product.url}/api/v1/rest/projects/").status_code == httpx.codes.OK
    assert process.stop() == 0

    process.start()
    settle(stopped_product, "a-run")
    assert is_ready(stopped_product.port)
    with closing(sqlite3.connect(stopped_product.data / "events.sqlite")) as log:
        letters = [key for (key,) in log.execute('SELECT key FROM "tallybook.dead-letters/0"')]
    assert sorted(letters) == sorted(f"1:tallybook.runs:0:{offset}" for offset in range(2_500))


def append_garbage(product: Product, offsets: range) -> None:
    """Records that are no events, at these offsets of a partition that holds nothing."""
    with closing(sqlite3.connect(product.data / "events.sqlite")) as log, log:
        log.executemany("INSERT INTO \"tallybook.runs/0\" VALUES (?, 'x', x'00')", [(offset,) for offset in offsets])


def ingest(product: Product, run_id: str) -> None:
    address = f"{product.ingest_url}/api/v1/ingest/runs/{run_id}"
    message = {"type": "log_metric", "name": "loss", "value": 0.5}
    assert httpx.post(address, json=message).status_code == httpx.codes.OK
