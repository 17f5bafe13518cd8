"""A program for a test: append to the SQLite log given while no file may grow beyond a limit, then lift it.

    python append_with_little_room.py LOG LIMIT_BYTES

A limit on the size of files stands for a full disk: writing fails in the middle, and works again once it is lifted.
Prints what happened as JSON.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

from contracts.position import TopicPartition
from contracts.topics import CATALOG, CATALOG_KEY, RUNS
from stores.errors import StoreUnavailable
from stores.eventlog.port import NewRecord
from stores.eventlog.sqlite import SqliteEventLog

ROUNDS = 200


async def main(path: Path, limit: int) -> dict[str, Any]:
    log = await SqliteEventLog.open(path)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    acknowledged, refused = [], []
    for number in range(ROUNDS):
        try:
            acknowledged.append(await append(log, number))
        except StoreUnavailable as error:
            refused.append(str(error))
    ends_when_full = await ends(log)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    after = [await append(log, ROUNDS + number) for number in range(20)]
    await log.close()
    return {"acknowledged": acknowledged, "refused": refused, "ends_when_full": ends_when_full, "after": after}


async def append(log: SqliteEventLog, number: int) -> list[int]:
    """[number, its offset in the catalog, its offset in a partition of runs]"""
    value = f"{number}".encode().ljust(20_000, b".")
    positions = await log.append([NewRecord(CATALOG, 0, CATALOG_KEY, value), NewRecord(RUNS, 4, "a run", value)])
    return [number, *(position.offset for position in positions)]


async def ends(log: SqliteEventLog) -> list[int]:
    found = await log.end_offsets()
    return [found[TopicPartition(CATALOG, 0)], found[TopicPartition(RUNS, 4)]]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))))
