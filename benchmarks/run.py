"""Measure the product: `python -m benchmarks.run [--size M] [--json FILE]`."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks import figures, workload
from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.process import Product


def measure(size_name: str, folder: Path) -> Iterator[Figure]:
    load = workload.load()
    size = load.SIZES[size_name]
    data = folder / "data"
    with Product(data) as product:
        client = Client(product.port)
        yield figures.load_runs(client, load, size)
        client.close()
    subprocess.run([sys.executable, "-m", "benchmarks.merge", str(data)], check=True)
    yield figures.disk(data, size.points)
    yield figures.starts(data)
    yield figures.idle_memory(data)
    with Product(folder / "columns") as product:
        writer, reader = Client(product.port), Client(product.port)
        yield figures.ingest_columns(writer, load)
    with Product(folder / "visible") as product:
        writer, reader = Client(product.port), Client(product.port)
        yield figures.visible(writer, reader)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="M", choices=("T", "S", "M", "L"))
    parser.add_argument("--json", type=Path, help="also write the figures with all samples here")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tallybook-bench-"))
    table = Table("figure", "value", "unit", "target", "note", title=f"Tallybook, size {options.size}")
    measured = []
    try:
        for figure in measure(options.size, folder):
            measured.append(figure)
            value = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:.3g}"
            table.add_row(figure.name, value, figure.unit, figure.target, figure.note)
            Console(stderr=True).print(f"{figure.name}: {value} {figure.unit}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Console().print(table)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))


if __name__ == "__main__":
    main()
