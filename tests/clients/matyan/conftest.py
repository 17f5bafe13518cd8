"""The real client against the embedded product; most scenarios are played once for all tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.matyan.playing import Played, play_all, skip_without_client


@pytest.fixture(scope="session")
def client_folder() -> Iterator[Path]:
    """Empty, where there is a client to run. A short name: a socket's path may have about a hundred characters."""
    skip_without_client()
    folder = Path(tempfile.mkdtemp(prefix="tb-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def played(client_folder: Path) -> dict[str, Played]:
    return play_all(client_folder / "played")
