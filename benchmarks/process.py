"""One product process under measurement: start, readiness, memory, stop."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

_READY_SECONDS = 60.0
_POLL_SECONDS = 0.01


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_open(port: int) -> None:
    """Until something listens there on loopback."""
    began = time.perf_counter()
    while time.perf_counter() - began < _READY_SECONDS:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(_POLL_SECONDS)
    raise SystemExit(f"nothing listens on port {port}")


class Product:
    """`tallybook up` on a data folder. `ready_seconds` is from the start of the process to the first ready answer."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.ready_seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Product":
        began = time.perf_counter()
        command = [sys.executable, "-m", "standalone", "up", "--data", str(self.data)]
        command += ["--port", str(self.port), "--ingest-port", str(free_port())]
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        log.close()
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() - began > _READY_SECONDS:
                raise SystemExit(f"the product did not become ready: see {log.name}")
            time.sleep(_POLL_SECONDS)
        self.ready_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(10)

    def memory_bytes(self) -> int:
        """Resident bytes of the process and its children."""
        if self._process is None:
            raise RuntimeError("not started")
        root = psutil.Process(self._process.pid)
        total = 0
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total

    def cpu_seconds(self) -> float:
        if self._process is None:
            raise RuntimeError("not started")
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def folder_bytes(folder: Path) -> int:
    """Bytes on disk (allocated blocks), as `du` counts them."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))
