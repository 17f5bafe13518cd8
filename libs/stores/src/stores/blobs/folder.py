"""Writing into and removing from a folder so that a power cut leaves the old or the new. Blocking."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_ATTEMPTS = 10


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
        self._path = path
        self._temporary = path.parent / f".{uuid.uuid4().hex}.part"
        self._file = _made(self._temporary)

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


def remove_all(path: Path, root: Path) -> None:
    """Remove a file, or a folder with all in it; nothing there is no error.

    Folders above it that are empty then go too, those below `root`.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return
    above = path.parent
    while not _is_synced_without_empty(above, root):
        above = above.parent


def files_below(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Every file with its size and when it was written (seconds UTC); what goes meanwhile is left out."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            yield path, found.st_size, found.st_mtime


def _is_synced_without_empty(folder: Path, root: Path) -> bool:
    """Whether the folder was synced; False if it is gone, then the one above is the one that changed."""
    if folder == root:
        _sync(folder)
        return True
    if _is_gone(folder):
        return False
    try:
        _sync(folder)
    except FileNotFoundError:
        return False
    return True


def _is_gone(folder: Path) -> bool:
    """Whether the folder was empty and was removed, here or by another removal."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _made(path: Path) -> IO[bytes]:
    """A new file, open for writing. Its folder may be removed between two steps, because it was empty until then."""
    for _ in range(_ATTEMPTS):
        try:
            make_folder(path.parent)
            return path.open("xb")
        except FileNotFoundError:
            continue
    make_folder(path.parent)
    return path.open("xb")


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
