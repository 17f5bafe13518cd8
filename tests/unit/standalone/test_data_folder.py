import ctypes
import os
import stat
import tempfile
from pathlib import Path

import pytest

from standalone.data_folder import DataFolder
from standalone.errors import FolderInUse, NoDataFolder


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder.at(tmp_path / "deep" / "data")
    made.make()
    return made


def test_only_the_owner_may_look_into_what_was_made(folder: DataFolder) -> None:
    assert [mode_of(path) for path in (folder.root, folder.columns, folder.blobs)] == [0o700] * 3


def test_open_folder_of_ours_is_closed(folder: DataFolder) -> None:
    folder.events.touch()
    folder.root.chmod(0o755)
    folder.make()
    assert mode_of(folder.root) == 0o700


def test_empty_folder_becomes_ours(tmp_path: Path) -> None:
    DataFolder.at(tmp_path).make()
    assert (tmp_path / "columns").is_dir()


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(NoDataFolder, match="not empty"):
        DataFolder.at(tmp_path).make()
    assert mode_of(tmp_path) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_file_cannot_be_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(NoDataFolder, match="cannot be the data folder"):
        DataFolder.at(tmp_path / "data").make()


def test_second_owner_is_refused_and_told_who_the_first_is(folder: DataFolder) -> None:
    with folder.owned(), pytest.raises(FolderInUse, match=f"process {os.getpid()}"), folder.owned():
        pass


def test_folder_is_free_again_after_its_owner(folder: DataFolder) -> None:
    with folder.owned():
        assert folder.is_owned()
    assert not folder.is_owned()
    with folder.owned():
        assert folder.is_owned()


def test_looking_does_not_own(folder: DataFolder) -> None:
    with folder.owned():
        pass
    assert not folder.is_owned()
    assert not folder.is_owned()


def test_folder_without_a_log_is_none(folder: DataFolder) -> None:
    with pytest.raises(NoDataFolder, match="--data"):
        folder.require()
    folder.events.touch()
    folder.require()


def test_temporary_files_lie_in_the_folder_whoever_makes_them(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's and the engine's, which asks the environment as C sees it."""
    asked = ctypes.CDLL(None).getenv
    asked.restype = ctypes.c_char_p
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before, place = tempfile.gettempdir(), folder.root / "temporary"
    place.mkdir()
    (place / "left behind").touch()
    with folder.temporary_files():
        assert (tempfile.gettempdir(), asked(b"TMPDIR")) == (str(place), os.fsencode(place))
        assert list(place.iterdir()) == []
    assert (tempfile.gettempdir(), asked(b"TMPDIR")) == (before, os.fsencode(tmp_path))
    monkeypatch.delenv("TMPDIR")
    with folder.temporary_files():
        assert asked(b"TMPDIR") == os.fsencode(place)
    assert asked(b"TMPDIR") is None


def test_relative_path_is_kept_as_it_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert DataFolder.at(Path("data")).events == tmp_path / "data" / "events.sqlite"


def test_the_key_of_references_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    folder = DataFolder.at(tmp_path / "data")
    folder.make()
    key = folder.reference_key()
    (made,) = folder.root.glob("reference.*")
    assert len(bytes.fromhex(key)) == 32
    assert key != folder.upload_key()
    assert made.stat().st_mode & 0o777 == 0o600
    assert DataFolder.at(tmp_path / "data").reference_key() == key
