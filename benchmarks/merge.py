"""Merge all parts of the points table of a stopped data folder: `python -m benchmarks.merge FOLDER`.

The engine keeps merged parts on the disk for eight minutes; here it is told to remove them at once, and waited for.
"""

import sys
import time
from pathlib import Path
from typing import Any

import chdb

TABLE = "points_v1"
_BOUND_SECONDS = 90.0


def merge(data: Path) -> None:
    connection = chdb.connect(str(data / "columns"))
    try:
        connection.query(f"ALTER TABLE {TABLE} MODIFY SETTING old_parts_lifetime = 1")
        connection.query(f"OPTIMIZE TABLE {TABLE} FINAL")
        deadline = time.monotonic() + _BOUND_SECONDS
        while _outdated(connection) and time.monotonic() < deadline:
            time.sleep(0.5)
        connection.query(f"ALTER TABLE {TABLE} RESET SETTING old_parts_lifetime")
    finally:
        connection.close()


def _outdated(connection: Any) -> int:
    count = f"SELECT count() FROM system.parts WHERE table = '{TABLE}' AND NOT active"  # noqa: S608 - a constant
    return int(str(connection.query(count, "TabSeparated")).strip())


if __name__ == "__main__":
    merge(Path(sys.argv[1]))
