"""Calls of the command line that end by themselves."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_LONGEST_SECONDS = 120.0


def tallybook(*words: str | Path, environment: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """`tallybook WORDS`, whatever its status."""
    return subprocess.run(
        [sys.executable, "-m", "standalone", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
        env={**os.environ, **(environment or {})},
    )
