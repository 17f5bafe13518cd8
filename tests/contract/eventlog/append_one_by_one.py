"""A program for tests that kill or trace it: append to the SQLite log given, and name each offset once acknowledged.

python append_one_by_one.py LOG COUNT
"""

import asyncio
import os
import sys
from pathlib import Path

from contracts.topics import CATALOG, CATALOG_KEY, RUNS
from stores.eventlog.port import NewRecord
from stores.eventlog.sqlite import SqliteEventLog


async def append(path: Path, count: int) -> None:
    log = await SqliteEventLog.open(path)
    for number in range(count):
        value = f"{number}".encode().ljust(2_000, b".")
        # One record in each of two partitions: both are there or none.
        positions = await log.append([NewRecord(CATALOG, 0, CATALOG_KEY, value), NewRecord(RUNS, 4, "a run", value)])
        os.write(sys.stdout.fileno(), f"{positions[0].offset}\n".encode())
    await log.close()


if __name__ == "__main__":
    asyncio.run(append(Path(sys.argv[1]), int(sys.argv[2])))
