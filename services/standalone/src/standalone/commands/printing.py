"""How answers look on a terminal."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from standalone.server import Ready


def print_json(report: msgspec.Struct) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(report)).decode())


def print_table(title: str, headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Numbers to the right, texts to the left."""
    console = Console()
    console.print(title, style="bold", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    listed = [tuple(row) for row in rows]
    for number, heading in enumerate(headings):
        is_number = all(isinstance(row[number], int | float) for row in listed)
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for row in listed:
        table.add_row(*("-" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    console.print(table)


def print_ready(ready: "Ready") -> None:
    """Plain lines where the output is no terminal: an address is never cut."""
    console = Console(soft_wrap=True, highlight=False)
    url = ready.urls[0]
    console.print(f"[bold green]Tallybook {version('tallybook')} is ready[/] ({ready.seconds:.1f} s)")
    for what, where in (
        *((title, url + path) for title, path in ready.pages.items()),
        ("Clients", " and ".join(ready.urls)),
        ("API", f"{url}/schema"),
        ("Data", str(ready.data)),
    ):
        console.print(f"  {what:<10} [cyan]{where}[/]")
    console.print("Ctrl-C stops it.")
    console.file.flush()
