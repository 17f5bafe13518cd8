"""`tallybook runs ...`: what was deleted."""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from standalone.commands.options import data_option, json_option


@click.group()
def runs() -> None:
    """Take deleted runs back, or remove them for good.

    Asks a running server; works on the folder itself if there is none.
    """


@runs.command()
@data_option
@json_option
def trash(data: Path, as_json: bool) -> None:
    """What was deleted and can be taken back; after 30 days (TALLYBOOK_TRASH_SECONDS) it is purged."""
    from standalone.commands.printing import print_json, print_table
    from standalone.operating import list_trash

    found = list_trash(data)
    if as_json:
        print_json(found)
        return
    print_table(
        f"{len(found.runs):,} runs in the trash",
        ("run", "incarnation", "name", "deleted"),
        [(one.run_id, one.incarnation, one.name, _moment(one.deleted_at)) for one in found.runs],
    )


@runs.command()
@click.argument("run_id")
@data_option
def undelete(run_id: str, data: Path) -> None:
    """Take a deleted run back: it is what it was, and what its client sends is taken again."""
    from standalone.operating import undelete_run

    undelete_run(data, run_id)
    click.echo(f"{run_id} is back")


@runs.command()
@click.argument("run_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def purge(run_id: str, yes: bool, data: Path) -> None:
    """Remove everything of a deleted run for good, now and not at the end of its time in the trash.

    A newer run of the same id stays as it is. What the old one's client still sends is dropped as before.
    """
    from standalone.operating import purge_run

    if not yes:
        click.confirm(f"Remove what the deleted run {run_id} held? Nothing brings it back", abort=True)
    purge_run(data, run_id)
    click.echo(f"{run_id} was purged")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
