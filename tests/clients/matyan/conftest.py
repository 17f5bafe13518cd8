"""The real client against the embedded product, played once for all tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.matyan.playing import Played, client_python, play_all


@pytest.fixture(scope="session")
def played() -> Iterator[dict[str, Played]]:
    if not client_python().exists():
        reason = f"there is no {client_python()}; `./tallybook test` makes it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # A short name: a socket's path may have about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="tb-"))
    yield play_all(folder)
    shutil.rmtree(folder)
