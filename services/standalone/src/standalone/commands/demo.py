"""`tallybook demo`: the example of the checkout, against a running server or one of its own."""

import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import rich_click as click

from standalone.checkout import checkout
from standalone.commands.options import data_option, ingest_port_option, port_option
from standalone.errors import Ended

_NEEDED = ("sklearn", "scipy")


@click.command()
@data_option
@click.option("--url", help="A running server to write to; without it the one on the data folder, or a new one.")
@port_option
@ingest_port_option
@click.option("--runs", type=click.IntRange(min=1), default=24, show_default=True, help="How many classifiers.")
@click.option("--processes", type=click.IntRange(min=1), default=2, show_default=True, help="How many at a time.")
@click.option("--epochs", type=click.IntRange(min=1), default=25, show_default=True, help="Of each classifier.")
@click.option("--leave", is_flag=True, help="Stop a server of its own when training is over, instead of at Ctrl-C.")
def demo(
    data: Path, url: str | None, port: int, ingest_port: int, runs: int, processes: int, epochs: int, leave: bool
) -> None:
    """Train two dozen classifiers of handwritten digits and log them, then say what to look at.

    Writes to the server that runs on the data folder. If there is none it starts one there and keeps it until Ctrl-C,
    so that there is something to look at. The first time it installs scikit-learn, as examples/requirements.txt locks
    it, into this environment.
    """
    from standalone.commands.own_server import own_server, running_server

    root = checkout()
    _install_once(root)
    with ExitStack() as stack:
        given = url or running_server(data)
        server = None if given else stack.enter_context(own_server(data, port, ingest_port))
        target = given or (server.url if server else "")
        _train(root, target.rstrip("/"), runs, processes, epochs)
        _say_what_to_look_at(target.rstrip("/"))
        if server is not None and not leave:
            click.echo("The server goes on until Ctrl-C.")
            server.wait()


def _install_once(root: Path) -> None:
    """Into the environment that runs this; numpy is locked to the version that is there already."""
    if all(find_spec(name) for name in _NEEDED):
        return
    click.echo("installing scikit-learn for the example (once) ...", err=True)
    lock = root / "examples" / "requirements.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    installed = subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=False)  # noqa: S603 - our own words
    if installed.returncode:
        raise Ended(f"scikit-learn could not be installed; try again, or install {lock} by hand")


def _train(root: Path, url: str, runs: int, processes: int, epochs: int) -> None:
    click.echo(f"training {runs} classifiers, logging to {url}")
    command = [sys.executable, str(root / "examples" / "train_digits.py"), "--url", url]
    command += ["--runs", str(runs), "--processes", str(processes), "--epochs", str(epochs)]
    trained = subprocess.run(command, check=False)  # noqa: S603 - our own words
    if trained.returncode:
        raise Ended(f"the example ended with status {trained.returncode}")


def _say_what_to_look_at(url: str) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    console.print("\n[bold]Look at[/]")
    for what, where in (
        ("the runs, with their parameters", f"{url}/runs"),
        ("loss and accuracy: pick metrics, press Search", f"{url}/metrics"),
        ("parameters against results", f"{url}/params"),
        ("the same in Matyan's pages", f"{url}/matyan/runs"),
    ):
        console.print(f"  [cyan]{where}[/]  {what}")
    console.print('  a query to try: [bold]run.model.family == "network" and metric.name == "accuracy"[/]\n')
    console.file.flush()
