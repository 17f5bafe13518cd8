"""Writing into and removing from a folder so that a power cut leaves the old or the new. Blocking."""

import os
import shutil
import uuid
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file: the bytes are synced under another name first, then the name, then the folder."""
    upload = FolderUpload(path)
    try:
        upload.write(data)
        upload.finish()
    except BaseException:
        upload.abandon()
        raise


class FolderUpload:
    """A file that is written piece by piece, under another name until it is whole. End it by `finish` or `abandon`."""

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self._path = path
        self._temporary = path.parent / f".{uuid.uuid4().hex}.part"
        self._file = self._temporary.open("xb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def finish(self) -> None:
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())
        self._temporary.replace(self._path)
        _sync(self._path.parent)

    def abandon(self) -> None:
        """Also after `finish` failed."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


def remove_all(path: Path) -> None:
    """Remove a file, or a folder with all in it; nothing there is no error."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return
    _sync(path.parent)


def make_folder(folder: Path) -> None:
    """Make it and what lies above it; each new name is synced, or the files in it would be lost with it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
