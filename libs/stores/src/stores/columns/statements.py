"""The SQL of the points table. Holds no connection.

Names come from users and are written as hexadecimal digits, so that no text can end a literal.
"""

import re
from collections.abc import Sequence

POINT_COLUMNS = {
    "name": "LowCardinality(String)",
    "run": "UInt64",
    "ctx": "UInt64",
    "step": "Int64",
    "value": "Float64",
    "epoch": "Float64",
    "time": "Float64",
    "version": "UInt64",
}
"""What the adapter writes; the migrations create the same."""

_SORT_KEY = ("name", "run", "ctx", "step")
_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def table_name(table: str) -> str:
    """The name, if it is one that needs no quotes. Raises ValueError."""
    if not _TABLE_NAME.fullmatch(table):
        raise ValueError(f"not a table name: {table!r}")
    return table


def select_points(
    table: str,
    names: Sequence[str],
    data_keys: Sequence[int],
    contexts: Sequence[int] | None,
    steps: tuple[int | None, int | None],
) -> str:
    """Sorted by series, step and version, so that the reader needs no FINAL and no versions (measured: `FINAL` on
    many unmerged parts costs up to six times a sorted read)."""
    conditions = [f"name IN ({', '.join(_text(name) for name in names)})", _among("run", data_keys)]
    if contexts is not None:
        conditions.append(_among("ctx", contexts))
    start, stop = steps
    if start is not None:
        conditions.append(f"step >= {int(start)}")
    if stop is not None:
        conditions.append(f"step < {int(stop)}")
    return (
        "SELECT name, run, ctx, step, value, epoch, time"  # noqa: S608  # digits and a checked name alone
        f" FROM {table_name(table)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {', '.join(_SORT_KEY)}, version"
    )


def count_points(table: str) -> str:
    return f"SELECT count() AS points FROM {table_name(table)} FINAL"  # noqa: S608  # a checked name


def create_scratch_table(table: str) -> str:
    columns = ", ".join(f"{name} {kind}" for name, kind in POINT_COLUMNS.items())
    return (
        f"CREATE TABLE IF NOT EXISTS {table_name(table)} ({columns})"
        f" ENGINE = ReplacingMergeTree(version) ORDER BY ({', '.join(_SORT_KEY)})"
    )


def _among(column: str, keys: Sequence[int]) -> str:
    return f"{column} IN ({', '.join(str(int(key)) for key in keys)})"


def _text(name: str) -> str:
    # A lone surrogate is in no stored name, and matches none this way.
    return f"unhex('{name.encode('utf-8', 'surrogatepass').hex()}')"


def exists(table: str) -> str:
    return f"EXISTS TABLE {table_name(table)}"
