"""A server in a process of its own, for a word of the command line that needs one."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from standalone.admin_client import ask_server
from standalone.data_folder import DataFolder
from standalone.errors import Ended
from standalone.reports import ServerStatus

_LONGEST_STOP_SECONDS = 10.0


class OwnServer:
    def __init__(self, url: str, process: "subprocess.Popen[str]") -> None:
        self.url = url
        self._process = process

    def wait(self) -> None:
        """Until Ctrl-C, or raise Ended if the server ends by itself."""
        try:
            status = self._process.wait()
        except KeyboardInterrupt:
            return
        raise Ended(f"the server ended with status {status}")


def running_server(path: Path) -> str | None:
    """The address of the server that owns the folder, None without one. Raises Unanswered."""
    folder = DataFolder.at(path)
    return ask_server(folder, "/status", ServerStatus).urls[0] if folder.is_owned() else None


@contextmanager
def own_server(path: Path, port: int, ingest_port: int) -> Iterator[OwnServer]:
    """`tallybook up` on the folder; stopped when the block ends. Raises Ended if it does not come up."""
    command = [sys.executable, "-m", "standalone", "up", "--data", str(path)]
    command += ["--port", str(port), "--ingest-port", str(ingest_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        # Told to end, this process must still end the other one.
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        try:
            _show_until_ready(process.stdout, process)
            url = running_server(path)
            if url is None:
                raise Ended("the server ended before it was used")
            yield OwnServer(url, process)
        finally:
            _stop(process)


def _show_until_ready(lines: IO[str] | None, process: "subprocess.Popen[str]") -> None:
    for line in lines or ():
        if "is ready" in line:
            return
    raise Ended(f"the server ended with status {process.wait()}")


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_LONGEST_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
