"""The SQL of the tables. Holds no connection.

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

OBJECT_COLUMNS = {
    "kind": "LowCardinality(String)",
    "name": "LowCardinality(String)",
    "run": "UInt64",
    "ctx": "UInt64",
    "step": "Int64",
    "epoch": "Float64",
    "time": "Float64",
    "listed": "UInt8",
    "payload": "String",
    "version": "UInt64",
}
LOG_COLUMNS = {"run": "UInt64", "step": "Int64", "payload": "String", "version": "UInt64"}
"""Of both log tables."""

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
    return (
        "SELECT name, run, ctx, step, value, epoch, time"  # noqa: S608  # digits and a checked name alone
        f" FROM {table_name(table)} WHERE {_series(names, data_keys, contexts, steps)}"
        f" ORDER BY {', '.join(_SORT_KEY)}, version"
    )


def select_object_steps(
    table: str,
    kind: str,
    names: Sequence[str],
    data_keys: Sequence[int],
    contexts: Sequence[int] | None,
    steps: tuple[int | None, int | None],
) -> str:
    return (
        "SELECT name, run, ctx, step, epoch, time"  # noqa: S608  # digits and a checked name alone
        f" FROM {table_name(table)} WHERE kind = {_text(kind)} AND {_series(names, data_keys, contexts, steps)}"
        f" ORDER BY {', '.join(_SORT_KEY)}, version"
    )


def select_objects(table: str, kind: str, name: str, places: Sequence[tuple[int, int, int]]) -> str:
    """places: (data key, context, step) of one name."""
    wanted = ", ".join(f"({int(run)}, {int(context)}, {int(step)})" for run, context, step in places)
    return (
        "SELECT name, run, ctx, step, epoch, time, listed, payload"  # noqa: S608  # digits and a checked name alone
        f" FROM {table_name(table)} WHERE kind = {_text(kind)} AND name = {_text(name)}"
        f" AND {_among('run', sorted({run for run, _, _ in places}))} AND (run, ctx, step) IN ({wanted})"
        f" ORDER BY {', '.join(_SORT_KEY)}, version"
    )


def select_log(table: str, data_key: int, numbers: tuple[int | None, int | None], limit: int) -> str:
    conditions = [f"run = {int(data_key)}", *_bounds(numbers)]
    return (
        f"SELECT step, payload FROM {table_name(table)}"  # noqa: S608  # digits and a checked name alone
        f" WHERE {' AND '.join(conditions)} ORDER BY step, version DESC LIMIT 1 BY step LIMIT {int(limit)}"
    )


def count_rows(table: str) -> str:
    return f"SELECT count() AS rows FROM {table_name(table)} FINAL"  # noqa: S608  # a checked name


def delete_rows(table: str, data_keys: Sequence[int]) -> str:
    """A mark on the rows, which readers honour at once; the space comes back with the next merge."""
    return f"DELETE FROM {table_name(table)} WHERE {_among('run', data_keys)}"  # noqa: S608  # digits and a checked name


def create_scratch_table(table: str) -> str:
    columns = ", ".join(f"{name} {kind}" for name, kind in POINT_COLUMNS.items())
    return (
        f"CREATE TABLE IF NOT EXISTS {table_name(table)} ({columns})"
        f" ENGINE = ReplacingMergeTree(version) ORDER BY ({', '.join(_SORT_KEY)})"
    )


def _series(
    names: Sequence[str],
    data_keys: Sequence[int],
    contexts: Sequence[int] | None,
    steps: tuple[int | None, int | None],
) -> str:
    conditions = [f"name IN ({', '.join(_text(name) for name in names)})", _among("run", data_keys)]
    if contexts is not None:
        conditions.append(_among("ctx", contexts))
    return " AND ".join(conditions + _bounds(steps))


def _bounds(steps: tuple[int | None, int | None]) -> list[str]:
    start, stop = steps
    above = [] if start is None else [f"step >= {int(start)}"]
    return above if stop is None else [*above, f"step < {int(stop)}"]


def _among(column: str, keys: Sequence[int]) -> str:
    return f"{column} IN ({', '.join(str(int(key)) for key in keys)})"


def _text(name: str) -> str:
    # A lone surrogate is in no stored name, and matches none this way.
    return f"unhex('{name.encode('utf-8', 'surrogatepass').hex()}')"


def exists(table: str) -> str:
    return f"EXISTS TABLE {table_name(table)}"
