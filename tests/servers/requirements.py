"""What a test needs from the machine: found, skipped with the way to get it, or in CI a failure."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest


def require_tool(
    names: Sequence[str],
    how_to_get: str,
    *,
    try_with: Sequence[str] = ("--version",),
    accepts: Callable[[str], bool] = lambda _output: True,
    folders: Sequence[Path] = (),
) -> Path:
    """The first program of `names` that is there and works; looked up in `folders`, then on the PATH.

    Working means: it ends with 0 when called with `try_with`, and `accepts` is true of all that it printed (a program
    on the PATH may be a version manager's stub that only prints an error). If none works the test is skipped with
    `how_to_get` in the reason; with the environment variable CI=true it fails instead.
    """
    search_path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    for name in names:
        program = shutil.which(name, path=search_path)
        if program is not None and _works(program, try_with, accepts):
            return Path(program)
    raise missing(f"{' or '.join(names)} not found, or not working: {how_to_get}")


def missing(sentence: str) -> BaseException:
    """What to raise where the machine lacks something: a skip, but a failure with CI=true."""
    if os.environ.get("CI", "").lower() == "true":
        return pytest.fail.Exception(sentence, pytrace=False)
    return pytest.skip.Exception(sentence)


def _works(program: str, arguments: Sequence[str], accepts: Callable[[str], bool]) -> bool:
    try:
        tried = subprocess.run(
            [program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0 and accepts(tried.stdout)
