"""`tallybook-projector`: the worker of the cluster, and what operators do with its views.

The embedded product has no need of it: there the server itself follows the log.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Iterable
from importlib import import_module
from types import ModuleType
from typing import Any, Never, TypeVar

import msgspec
import rich_click as click
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from contracts.errors import TallybookError
from projector.recovery.rebuilding import RebuildProgress
from projector.recovery.status import ViewsStatus
from projector.settings import ClusterSettings, EffectsSettings
from stores.blobs.settings import BlobSettings

_T = TypeVar("_T")
_FAILED = 1
_console = Console()
_errors = Console(stderr=True)


@click.group()
def main() -> None:
    """The projector of the cluster. All settings come from the environment (TALLYBOOK_...)."""


@main.command()
def run() -> None:
    """Follow the log until SIGTERM or SIGINT; ends with an error when a person must look."""
    settings = _settings()
    _log_as_json()
    _answer(_run(settings))


@main.command()
def effects() -> None:
    """Remove the blobs of runs that were purged, until SIGTERM or SIGINT; one process is enough for all workers."""
    settings = _settings()
    try:
        given = EffectsSettings.from_environment(os.environ), BlobSettings.from_environment(os.environ)
    except TallybookError as error:
        _refuse(error.message)
    except ValueError as error:
        _refuse(str(error))
    _log_as_json()
    _answer(_until_told_to_stop(_cluster().remove_blobs(settings, *given)))


@main.group()
def views() -> None:
    """Look after the views that everyone reads."""


@views.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def status(as_json: bool) -> None:
    """Show the live version, how far it is, and what it holds."""
    found: ViewsStatus = _answer(_cluster().cluster_status(_settings()))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    else:
        _print_status(found)


@views.command()
@click.option("--drop-previous", is_flag=True, help="Remove all older versions after the switch.")
@click.option("--fresh", is_flag=True, help="Throw an unfinished rebuild away instead of resuming it.")
def rebuild(drop_previous: bool, fresh: bool) -> None:
    """Build a new version from the first event on, then make it live. The workers must be stopped."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_errors) as bar:
        task = bar.add_task("rebuilding", total=None)

        def show(progress: RebuildProgress) -> None:
            bar.update(task, completed=progress.done, total=progress.total)

        report = _answer(_cluster().cluster_rebuild(_settings(), show, drop_previous=drop_previous, fresh=fresh))
    _console.print(f"version {report.version} is live: {report.records} records, {len(report.invalid)} invalid")
    for letter in report.invalid:
        _console.print(f"  {letter.id}: {letter.reason}", markup=False)
    if not drop_previous:
        _console.print(f"version {report.previous} is still there: `views drop` removes it")


@views.command()
def drop() -> None:
    """Remove all versions older than the live one; nobody needs to stop for it."""
    found = _answer(_cluster().cluster_drop(_settings()))
    _console.print(f"removed: {_listed(found.versions)}")


async def _run(settings: ClusterSettings) -> None:
    cluster = _cluster()
    async with cluster.open_stores(settings) as stores:
        worker = cluster.Worker(settings, stores)
        loop = asyncio.get_running_loop()
        stops: set[asyncio.Task[None]] = set()
        working = asyncio.create_task(worker.run())

        def stop() -> None:
            stops.add(asyncio.create_task(worker.stop()))

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        await working


async def _until_told_to_stop(work: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.ensure_future(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        working.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await working
    except asyncio.CancelledError:
        if not stopped:
            raise


def _log_as_json() -> None:
    """One JSON object a line on stderr; what libraries say below a warning is left out."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _cluster() -> ModuleType:
    """Imported when a command needs it: a help text must not wait for the clients of three servers."""
    return import_module("projector.cluster")


def _settings() -> ClusterSettings:
    try:
        return ClusterSettings.from_environment(os.environ)
    except TallybookError as error:
        _refuse(error.message)


def _answer(work: Coroutine[Any, Any, _T]) -> _T:
    """What the work comes to; an error of ours is one line, a bug keeps its trace."""
    try:
        return asyncio.run(work)
    except TallybookError as error:
        _refuse(f"{error.code}: {error.message}")


def _refuse(reason: str) -> Never:
    """Plain text: a panel would break the commands that a reason names, and a container's log into pieces."""
    sys.stderr.write(f"tallybook-projector: {reason}\n")
    sys.exit(_FAILED)


def _print_status(found: ViewsStatus) -> None:
    table = Table(title=f"views version {found.version}, generation {found.generation}, {found.lag} records behind")
    for heading in ("topic", "partition", "checkpoint", "end of log", "behind"):
        table.add_column(heading, justify="left" if heading == "topic" else "right")
    for each in found.partitions:
        reached = "-" if each.checkpoint is None else str(each.checkpoint)
        table.add_row(each.topic, str(each.partition), reached, str(each.end), str(each.lag))
    _console.print(table)
    _console.print(", ".join(f"{count} {name}" for name, count in found.counts.items()))
    if found.rebuilding is not None:
        _console.print(f"an unfinished rebuild is making version {found.rebuilding}")
    if found.left_over:
        _console.print(f"older versions are still there: {_listed(found.left_over)}; `views drop` removes them")


def _listed(versions: Iterable[int]) -> str:
    return ", ".join(f"version {version}" for version in versions) or "nothing"


if __name__ == "__main__":
    main()
