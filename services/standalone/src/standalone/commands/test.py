"""`tallybook test`: the questions of tox, by way of the script in the checkout."""

import os
import sys

import rich_click as click

from standalone.checkout import checkout


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the tests of a checkout: `tallybook test -- -e unit`.

    Installs the development tools first. Everything behind `--` goes to tox.
    """
    script = checkout() / "tallybook"
    sys.stdout.flush()
    os.execv(script, [str(script), "test", "--", *arguments])  # noqa: S606 - our own script, no shell
