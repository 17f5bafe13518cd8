"""`tallybook demo`."""

from pathlib import Path

import rich_click as click

from standalone.commands.options import data_option


@click.command()
@data_option
def demo(data: Path) -> None:
    """Fill a server with a real example."""
    raise NotImplementedError(data)
