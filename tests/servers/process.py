"""One server process: started into a log file, waited for until ready, stopped by its id with all that it started."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import reaper

_POLL_SECONDS = 0.05
_LINES_SHOWN = 60


class ServerFailed(RuntimeError):
    """A server did not come up or did not go down; the message ends with the last lines of its log."""


@dataclass
class ServerProcess:
    """A command that can be started again after it was stopped or killed; its log grows over all starts.

    `is_ready` is called until it is true, at most `start_seconds`. It must answer soon and must not raise.
    `stop_seconds` is how long SIGTERM may take before SIGKILL follows.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = 60.0
    stop_seconds: float = 15.0
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int:
        """The id of the process and of its group. Raises ServerFailed when it does not run."""
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until ready. Raises ServerFailed, with nothing left running."""
        if self._process is not None:
            raise ServerFailed(f"{self.name} has been started already")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(map(str, self.command)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,  # a group of its own, so that all of it can be signalled
            )
        reaper.watch(self._process.pid)
        try:
            self._wait_until_ready(self._process)
        except BaseException:  # also an interrupt or the test's time limit: leave no server behind
            self.kill()
            raise

    def stop(self) -> int | None:
        """End it in good order; SIGKILL after `stop_seconds`. Nothing to do if it does not run.

        Returns its exit code, the negative number of the signal if one ended it, None if it did not run.
        """
        process = self._process
        if process is None:
            return None
        self._signal(signal.SIGTERM)
        try:
            process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self._note(f"did not end within {self.stop_seconds:g} s of SIGTERM: killed")
        self.kill()
        return process.returncode

    def kill(self) -> None:
        """SIGKILL to the whole group. Nothing to do if it does not run."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait(self.stop_seconds)
        reaper.forget(self._process.pid)
        self._process = None

    def restart(self) -> None:
        """Stop if running, start again with the same command, folder and ports."""
        self.stop()
        self.start()

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerFailed(f"{self.name} ended with {process.returncode} at its start\n{self._end_of_log()}")
            if self.is_ready():
                return
            time.sleep(_POLL_SECONDS)
        raise ServerFailed(f"{self.name} was not ready within {self.start_seconds:g} s\n{self._end_of_log()}")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            self._note(f"had ended before {number.name}")

    def _note(self, sentence: str) -> None:
        with self.log.open("a") as log:
            log.write(f"-- {self.name} {sentence}\n")

    def _end_of_log(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"the end of {self.log}:", *lines[-_LINES_SHOWN:]])
