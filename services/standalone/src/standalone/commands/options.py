"""Options that several words have."""

from pathlib import Path

import rich_click as click

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tallybook-data"),
    show_default=True,
    envvar="TALLYBOOK_DATA",
    show_envvar=True,
    help="The data folder.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

_PORT = click.IntRange(0, 65_535)

port_option = click.option(
    "--port",
    type=_PORT,
    default=53800,
    show_default=True,
    envvar="TALLYBOOK_PORT",
    show_envvar=True,
    help="Where people and clients connect; 0 is any free port.",
)
ingest_port_option = click.option(
    "--ingest-port",
    type=_PORT,
    default=53801,
    show_default=True,
    envvar="TALLYBOOK_INGEST_PORT",
    show_envvar=True,
    help="A second port that serves the same; Matyan's client writes to it.",
)
