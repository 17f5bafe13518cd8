"""`tallybook views ...`: what everyone reads."""

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
    print_table(
        f"version {report.version} is live{rebuilding}; {report.lag:,} events behind the log",
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
@click.option("--drop-previous", is_flag=True, help="Remove the version that was live until then.")
@json_option
def rebuild(data: Path, fresh: bool, drop_previous: bool, as_json: bool) -> None:
    """Make all views anew from the log, then switch to them. The server must be stopped.

    What is live stays as it is until the new version is complete; an interrupted rebuild goes on where it was.
    """
    from standalone.commands.rebuilding import run_rebuild

    run_rebuild(data, fresh=fresh, drop_previous=drop_previous, as_json=as_json)
