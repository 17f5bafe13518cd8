"""Merge all parts of the points table of a stopped data folder: `python -m benchmarks.merge FOLDER`."""

import asyncio
import sys
from pathlib import Path

from stores.columns.clickhouse import ClickHouseColumns


async def merge(data: Path) -> None:
    columns = await ClickHouseColumns.open(f"chdb://{(data / 'columns').resolve()}")
    try:
        await columns.execute("OPTIMIZE TABLE points_v1 FINAL")
    finally:
        await columns.close()


if __name__ == "__main__":
    asyncio.run(merge(Path(sys.argv[1])))
