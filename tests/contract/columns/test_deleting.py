"""Rows of runs that are purged."""

import numpy as np
import pytest
from tests.contract.columns.test_objects import rows as object_rows
from tests.contract.columns.test_objects import wanted
from tests.contract.columns.test_points import OTHER_RUN, RUN, read_one, rows, together

from contracts.tables import TABLES, ViewNames
from stores.columns.port import Columns, LogRows


def lines(*numbers: int, run: int) -> LogRows:
    count = len(numbers)
    return LogRows(
        np.full(count, run, np.uint64), np.array(numbers, np.int64), [b"x"] * count, np.ones(count, np.int64)
    )


async def test_rows_of_one_run_go_from_every_table_and_no_other(columns: Columns, names: ViewNames) -> None:
    for run in (RUN, OTHER_RUN):
        await columns.insert_points(names.points, rows([(0, 1.0), (1, 2.0)], run=run))
        await columns.insert_objects(names.objects, object_rows([(0, b"x")], run=run))
        await columns.insert_log(names.log_lines, lines(0, 1, run=run))
        await columns.insert_log(names.log_records, lines(7, run=run))
    for table in TABLES:
        await columns.delete_rows(names.table(table), [RUN])
    assert [await columns.count_rows(names.table(table)) for table in TABLES] == [2, 1, 2, 1]
    assert await read_one(columns, names.points) == []
    assert await columns.read_objects(names.objects, "images", [wanted(0)]) == []
    assert len((await columns.read_log(names.log_lines, RUN, limit=9)).payloads) == 0
    assert len((await columns.read_log(names.log_lines, OTHER_RUN, limit=9)).payloads) == 2


async def test_all_versions_of_a_row_go_before_and_after_a_merge(columns: Columns, table: str) -> None:
    for version in (1, 2, 3):
        await columns.insert_points(table, rows([(0, float(version))], version=version))
    await columns.delete_rows(table, [RUN])
    assert await read_one(columns, table) == []
    await columns.execute(f"OPTIMIZE TABLE {table} FINAL")
    assert await columns.count_rows(table) == 0


async def test_deleting_again_and_rows_that_come_again_are_no_error(columns: Columns, table: str) -> None:
    """As after a crash between the removal and the checkpoint: both are done once more."""
    for _ in range(3):
        await columns.insert_points(table, rows([(0, 1.0)]))
        await columns.delete_rows(table, [RUN])
        assert await columns.count_rows(table) == 0
    await columns.delete_rows(table, [])


async def test_many_runs_go_at_once(columns: Columns, table: str) -> None:
    runs = range(1, 9_001)
    await columns.insert_points(table, together(*(rows([(0, 1.0)], run=run) for run in runs)))
    await columns.delete_rows(table, runs[1:])
    assert await columns.count_rows(table) == 1


@pytest.mark.parametrize("name", ["points; DROP TABLE x", ""])
async def test_a_table_name_that_needs_quotes_is_refused(columns: Columns, name: str) -> None:
    with pytest.raises(ValueError, match="not a table name"):
        await columns.delete_rows(name, [RUN])
