"""The real client against the embedded product; most scenarios are played once for all tests."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.matyan.playing import Played, client_python, play_all


@pytest.fixture(scope="session")
def client_folder() -> Iterator[Path]:
    """Empty, where there is a client to run. A short name: a socket's path may have about a hundred characters."""
    if not client_python().exists():
        reason = f"there is no {client_python()}; `./tallybook test` makes it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="tb-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def played(client_folder: Path) -> dict[str, Played]:
    return play_all(client_folder / "played")
