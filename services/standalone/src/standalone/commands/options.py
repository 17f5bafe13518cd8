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
