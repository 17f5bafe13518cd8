"""The work behind `tallybook views rebuild`, with its progress bar."""

import asyncio
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from projector.bootstrap import RebuildProgress, RebuildReport, rebuild
from standalone.commands.printing import print_json
from standalone.data_folder import DataFolder
from standalone.errors import FolderInUse, ServerRunning
from standalone.open_stores import open_stores


def run_rebuild(data: Path, *, fresh: bool, drop_previous: bool, as_json: bool) -> None:
    """Raises ServerRunning, NoDataFolder, and what `rebuild` raises."""
    folder = DataFolder.at(data)
    folder.require()
    try:
        with folder.owned():
            report = asyncio.run(_rebuild(folder, fresh, drop_previous))
    except FolderInUse as error:
        raise ServerRunning(f"a rebuild needs the server stopped: {error.message}") from error
    if as_json:
        print_json(report)
        return
    click.echo(
        f"version {report.version} is live, made from {report.records:,} events; before it was {report.previous}"
    )
    for letter in report.invalid:
        click.echo(f"  not applied: {letter}")


async def _rebuild(folder: DataFolder, fresh: bool, drop_previous: bool) -> RebuildReport:
    bar = Progress(
        TextColumn("building version {task.fields[version]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("", version="…", total=None)

        def show(progress: RebuildProgress) -> None:
            bar.update(task, completed=progress.done, total=progress.total, version=progress.version)

        async with open_stores(folder) as stores:
            return await rebuild(
                stores.log,
                stores.documents,
                stores.columns,
                on_progress=show,
                drop_previous=drop_previous,
                fresh=fresh,
            )
