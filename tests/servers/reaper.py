"""Ends the servers of a test session that was itself killed: a small process that waits for our end of a pipe to close.

Run as a program it reads lines `+PID` and `-PID`; at the end of its input it kills the process groups that are left.
"""

import atexit
import os
import signal
import subprocess
import sys
from pathlib import Path

_reaper: "subprocess.Popen[str] | None" = None


def watch(pid: int) -> None:
    """Have the process group `pid` killed if this process ends without `forget`."""
    _tell(f"+{pid}")


def forget(pid: int) -> None:
    """The group has ended; its number may belong to somebody else from now on."""
    _tell(f"-{pid}")


def _tell(line: str) -> None:
    global _reaper
    if _reaper is None:
        _reaper = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,  # what interrupts the test session must not reach it
        )
        atexit.register(_close, _reaper)
    assert _reaper.stdin is not None
    _reaper.stdin.write(line + "\n")
    _reaper.stdin.flush()


def _close(reaper: "subprocess.Popen[str]") -> None:
    assert reaper.stdin is not None
    reaper.stdin.close()
    reaper.wait(timeout=30)


def main() -> None:
    """Follow the lines of standard input until it ends."""
    watched: set[int] = set()
    for line in sys.stdin:
        pid = int(line[1:])
        if line.startswith("+"):
            watched.add(pid)
        else:
            watched.discard(pid)
    for pid in watched:
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
