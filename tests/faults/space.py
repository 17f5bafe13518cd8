"""Two ways to take a running product its space and to give it back: a small disk, and a limit on the size of files."""

import errno
import os
import resource
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.faults.product import Product, product_in
from tests.servers.process import ServerFailed, ServerProcess
from tests.servers.requirements import missing

_DISK_BYTES = 48 << 20
_KEEP_SECONDS = 900
_FILL_BYTES = 4096
_ROOM_BYTES = 16 << 10  # what the log's file may still grow by after its space was taken


class Space(Protocol):
    """product: on this space, not started yet. around: a command by which other programs see the product's folder."""

    product: Product
    around: Sequence[str | Path]

    def take(self) -> None:
        """From now on nothing can grow."""
        ...

    def give_back(self) -> None: ...


class SmallDisk:
    """A file system in memory, seen by the processes of one mount namespace alone; it goes with the last of them.

    Filling it to the last byte is a full disk: writes fail with ENOSPC.
    """

    def __init__(
        self, folder: Path, data: Path, mount_point: Path, keeper: ServerProcess, around: Sequence[str | Path]
    ) -> None:
        self.around = around
        self.product = product_in(folder, data=data, around=around)
        self._ballast = Path(f"/proc/{keeper.pid}/root") / mount_point.relative_to("/") / "ballast"

    def take(self) -> None:
        with self._ballast.open("ab", buffering=0) as ballast:
            try:
                for _ in range(_DISK_BYTES // _FILL_BYTES):
                    ballast.write(bytes(_FILL_BYTES))
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    return
                raise
        raise AssertionError("the disk took more than it holds")

    def give_back(self) -> None:
        self._ballast.unlink()


class LimitedFiles:
    """No file of the process may grow beyond a size (EFBIG). Needs no rights; a new process has no limit."""

    def __init__(self, folder: Path) -> None:
        self.around: Sequence[str | Path] = ()
        self.product = product_in(folder)

    def take(self) -> None:
        log = self.product.log_file
        size = log.with_name(f"{log.name}-wal").stat().st_size
        self._limit(size + _ROOM_BYTES)

    def give_back(self) -> None:
        if self.product.process.is_running:
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        pid = self.product.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """All data on it. Skips the test where a process may not have mounts of its own."""
    mount_point = _real(folder) / "disk"
    mount_point.mkdir()
    with _mounted(folder, mount_point / "data", mount_point) as disk:
        yield disk


@contextmanager
def small_disk_of_blobs(folder: Path) -> Iterator[SmallDisk]:
    """The blobs alone on it."""
    data = _real(folder) / "data"
    (data / "blobs").mkdir(parents=True)
    (data / "owner.lock").touch()  # a folder that is not empty is a data folder if it has this
    with _mounted(folder, data, data / "blobs") as disk:
        yield disk


@contextmanager
def _mounted(folder: Path, data: Path, mount_point: Path) -> Iterator[SmallDisk]:
    unshare, nsenter = shutil.which("unshare"), shutil.which("nsenter")
    if unshare is None or nsenter is None:
        raise missing("unshare and nsenter not found: on Debian: apt-get install util-linux")
    mounted = folder / "mounted"
    script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && : >"$3" && exec sleep "$4"'
    keeper = ServerProcess(
        name="the small disk",
        command=[
            *(unshare, "--map-root-user", "--mount", "sh", "-c", script, "sh"),
            *(str(_DISK_BYTES), mount_point, mounted, str(_KEEP_SECONDS)),
        ],
        log=folder / "disk.log",
        is_ready=mounted.exists,
        start_seconds=20,
    )
    try:
        keeper.start()
    except ServerFailed as error:
        raise missing(f"a file system of one's own needs user namespaces or root: {error}") from error
    try:
        enter = [
            nsenter,
            "--target",
            str(keeper.pid),
            "--user",
            "--mount",
            "--preserve-credentials",
            f"--wd={Path.cwd()}",
        ]
        yield SmallDisk(folder, data, mount_point, keeper, enter)
    finally:
        keeper.kill()


@contextmanager
def limited_files(folder: Path) -> Iterator[LimitedFiles]:
    if sys.platform != "linux":
        raise missing("limits of another process can be set on Linux alone")
    yield LimitedFiles(folder)


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))
