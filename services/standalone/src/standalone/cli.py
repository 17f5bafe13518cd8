"""The command line `tallybook`."""

import sys
from importlib.metadata import version

import rich_click as click

from contracts.errors import TallybookError
from standalone.commands.demo import demo
from standalone.commands.log import log
from standalone.commands.runs import runs
from standalone.commands.test import test
from standalone.commands.up import up
from standalone.commands.views import views
from standalone.errors import Refused


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("tallybook"), prog_name="tallybook")
def tallybook() -> None:
    """Tracks machine learning experiments: takes what training writes, serves what people look at.

    Everything lies in one data folder. `tallybook up` serves it, `tallybook demo` fills it with a real example.
    """


for _command in (up, demo, runs, views, log, test):
    tallybook.add_command(_command)


def main() -> None:
    """Run the command line. Our own errors are one line and a status: 2 if nothing was started or changed, else 1."""
    try:
        tallybook.main(prog_name="tallybook")
    except TallybookError as error:
        sys.stderr.write(f"tallybook: {error.message}\n")
        sys.exit(2 if isinstance(error, Refused) else 1)
