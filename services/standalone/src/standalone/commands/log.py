"""`tallybook log ...`: the log of events."""

from pathlib import Path

import rich_click as click

from standalone.commands.options import data_option, json_option


@click.group()
def log() -> None:
    """Look at the log of events, the truth that all views are made from."""


@log.command()
@data_option
@json_option
def status(data: Path, as_json: bool) -> None:
    """How many events there are, by topic and partition, and how large the log is.

    Asks a running server; opens the folder itself if there is none.
    """
    from standalone.admin_client import ask
    from standalone.commands.printing import print_json, print_table
    from standalone.data_folder import DataFolder
    from standalone.reports import LogStatus, log_status
    from stores.eventlog.sqlite import SqliteEventLog

    async def of_folder(folder: DataFolder) -> LogStatus:
        events = await SqliteEventLog.open(folder.events)
        try:
            return await log_status(events, folder)
        finally:
            await events.close()

    report = ask(data, "/log", LogStatus, of_folder)
    if as_json:
        print_json(report)
        return
    print_table(
        f"{report.records:,} events, {report.size / 1e6:,.1f} MB, generation {report.generation}",
        ("topic", "partition", "events"),
        [(each.topic, each.partition, each.end) for each in report.partitions if each.end],
    )
