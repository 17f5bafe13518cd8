"""The data folder: what lies in it, and that one process owns it."""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from standalone.errors import FolderInUse, NoDataFolder

_TEMPORARY = "TMPDIR"
_ONLY_OWNER = 0o700
_KEY_BYTES = 32


@dataclass(frozen=True)
class DataFolder:
    """Paths alone; nothing is opened. `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "DataFolder":
        return cls(path.absolute())

    @property
    def events(self) -> Path:
        return self.root / "events.sqlite"

    @property
    def documents(self) -> Path:
        return self.root / "documents.sqlite"

    @property
    def columns(self) -> Path:
        return self.root / "columns"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def socket(self) -> Path:
        return self.root / "tallybook.sock"

    @property
    def lock(self) -> Path:
        return self.root / "owner.lock"

    @property
    def exists(self) -> bool:
        """Whether a server ever ran here."""
        return self.events.is_file()

    def require(self) -> None:
        """Raise NoDataFolder unless a server ever ran here."""
        if not self.exists:
            raise NoDataFolder(f"there is no data folder at {self.root}; name it with --data")

    def make(self) -> None:
        """Make what is missing; only the owner may look into it. Raises NoDataFolder for a folder of something else."""
        try:
            self.root.mkdir(mode=_ONLY_OWNER, parents=True, exist_ok=True)
            if not self.lock.exists() and not self.exists and any(self.root.iterdir()):
                raise NoDataFolder(f"{self.root} is no data folder and not empty; name another one with --data")
            self.root.chmod(_ONLY_OWNER)
            for part in (self.columns, self.blobs):
                part.mkdir(mode=_ONLY_OWNER, exist_ok=True)
        except OSError as error:
            raise NoDataFolder(f"{self.root} cannot be the data folder: {error.strerror}") from error

    def upload_key(self) -> str:
        """Signs addresses of uploads. Call it as the folder's owner."""
        return self._secret("upload.key")

    def reference_key(self) -> str:
        """Signs references to images and sounds. Call it as the folder's owner."""
        return self._secret("reference.key")

    def _secret(self, name: str) -> str:
        """Made once and kept, for the owner's eyes alone."""
        path = self.root / name
        if not path.is_file():
            # Under another name first: a process that is killed in between must not leave an empty secret behind.
            unfinished = path.with_suffix(".part")
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        return path.read_text()

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Own the folder until the block ends, however it ends. Raises FolderInUse if somebody else does."""
        # A lock of the open file, not of its existence: it ends with the process, also by SIGKILL.
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _locked(descriptor):
                raise FolderInUse(
                    f"{self.root} is in use by another Tallybook{_owner(descriptor)}; stop that one, or name another "
                    "folder with --data"
                )
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def temporary_files(self) -> Iterator[None]:
        """Until the block ends this process makes its temporary files here. Call it as the folder's owner.

        The embedded engine's client hands over every insert in one, and the engine makes a folder for itself as it
        starts. A killed process leaves them behind: here the next owner removes them. Elsewhere they would stay, and
        another disk could be full.
        """
        folder = self.root / "temporary"
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=_ONLY_OWNER)
        before, of_engine = tempfile.tempdir, os.environ.get(_TEMPORARY)
        # The engine is no Python: it asks the environment.
        tempfile.tempdir = os.environ[_TEMPORARY] = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before
            if of_engine is None:
                del os.environ[_TEMPORARY]
            else:
                os.environ[_TEMPORARY] = of_engine

    def is_owned(self) -> bool:
        """Whether a process owns the folder now."""
        if not self.lock.exists():
            return False
        descriptor = os.open(self.lock, os.O_RDWR)
        try:
            # Shared, so that two who only look do not take each other for an owner.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Somebody who only looks has the lock for a moment, so one refusal is not enough."""
    for pause in (0.02, 0.1, None):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if pause is not None:
                time.sleep(pause)
        else:
            return True
    return False


def _owner(descriptor: int) -> str:
    pid = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return f" (process {pid})" if pid.isdecimal() else ""
