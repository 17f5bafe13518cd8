"""`tallybook views ...`: what everyone reads."""

from collections.abc import Iterable
from pathlib import Path

import rich_click as click

from standalone.commands.options import data_option, json_option


@click.group()
def views() -> None:
    """Look after the views: what everyone reads, made from the log and made again at any time."""


@views.command()
@data_option
@json_option
def status(data: Path, as_json: bool) -> None:
    """Which version is live, how far it is behind the log, and what it holds.

    Asks a running server; opens the folder itself if there is none.
    """
    from standalone.admin_client import ask
    from standalone.commands.printing import print_json, print_table
    from standalone.data_folder import DataFolder
    from standalone.reports import ViewsStatus, views_status

    async def of_folder(folder: DataFolder) -> ViewsStatus:
        from standalone.open_stores import open_stores

        async with open_stores(folder) as stores:
            return await views_status(stores.log, stores.documents, stores.columns)

    report = ask(data, "/views", ViewsStatus, of_folder)
    if as_json:
        print_json(report)
        return
    rebuilding = f", version {report.rebuilding} is being built" if report.rebuilding is not None else ""
    older = f", {_listed(report.left_over)} can be dropped" if report.left_over else ""
    print_table(
        f"version {report.version} is live{rebuilding}{older}; {report.lag:,} events behind the log",
        ("view", "entries"),
        report.counts.items(),
    )
    print_table(
        "",
        ("topic", "partition", "last event held", "events in the log", "behind"),
        [(each.topic, each.partition, each.checkpoint, each.end, each.lag) for each in report.partitions if each.end],
    )


@views.command()
@data_option
@click.option("--fresh", is_flag=True, help="Throw away an unfinished rebuild instead of going on with it.")
@click.option("--drop-previous", is_flag=True, help="Remove all older versions after the switch.")
@json_option
def rebuild(data: Path, fresh: bool, drop_previous: bool, as_json: bool) -> None:
    """Make all views anew from the log, then switch to them. The server must be stopped.

    What is live stays as it is until the new version is complete; an interrupted rebuild goes on where it was.
    """
    from standalone.commands.rebuilding import run_rebuild

    run_rebuild(data, fresh=fresh, drop_previous=drop_previous, as_json=as_json)


@views.command()
@data_option
@json_option
def drop(data: Path, as_json: bool) -> None:
    """Remove all versions older than the live one.

    Asks a running server; works on the folder itself if there is none.
    """
    from standalone.admin_client import ask
    from standalone.commands.printing import print_json
    from standalone.data_folder import DataFolder
    from standalone.reports import ViewsDropped, drop_left_over

    async def of_folder(folder: DataFolder) -> ViewsDropped:
        from standalone.open_stores import open_stores

        async with open_stores(folder) as stores:
            return await drop_left_over(stores.documents, stores.columns)

    report = ask(data, "/views/drop", ViewsDropped, of_folder, method="POST")
    if as_json:
        print_json(report)
        return
    click.echo(f"removed: {_listed(report.versions) or 'nothing'}")


def _listed(versions: Iterable[int]) -> str:
    return ", ".join(f"version {version}" for version in versions)
