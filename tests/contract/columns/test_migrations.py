import re
import uuid
from pathlib import Path

import pytest

from contracts.tables import LOG_LINES, LOG_RECORDS, OBJECTS, POINTS, TABLES, ViewNames
from projector import migrations
from projector.migrations import migrate, remove, steps
from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import Columns
from stores.columns.statements import LOG_COLUMNS, OBJECT_COLUMNS, POINT_COLUMNS
from stores.errors import StoreUnavailable


def a_version() -> ViewNames:
    return ViewNames(uuid.uuid4().int % 1_000_000_000)


async def answer(columns: Columns, question: str) -> str:
    """Through the adapter's own client: the port asks for points alone."""
    assert isinstance(columns, ClickHouseColumns)
    raw: bytes = await columns._reading.run(lambda client: client.raw_query(question, fmt="TabSeparatedRaw"))
    return raw.decode()


def test_every_file_is_a_step_and_numbers_have_no_gaps() -> None:
    folder = Path(str(migrations.__file__)).parent
    files = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert list(migrations.STEPS) == files
    matches = [re.fullmatch(r"(\d{4})_[a-z]+_[a-z_]+", file) for file in files]
    assert all(matches)
    assert [int(match[1]) for match in matches if match] == list(range(1, len(files) + 1))


def test_steps_speak_of_the_tables_of_their_version_alone() -> None:
    names = ViewNames(37)
    for step, table in zip(steps(names), migrations.STEPS.values(), strict=True):
        for statement in (*step.forward, *step.backward):
            assert set(re.findall(r"\w+_v\d+", statement)) == {names.table(table)}
    assert set(migrations.STEPS.values()) == set(TABLES)


async def test_forward_backward_and_forward_again_any_number_of_times(columns: Columns) -> None:
    names = a_version()
    for _ in range(2):
        for _ in range(2):
            await migrate(columns, names)
        for table in TABLES:
            assert await columns.count_rows(names.table(table)) == 0
        for _ in range(2):
            await remove(columns, names)
        for table in TABLES:
            with pytest.raises(StoreUnavailable):
                await columns.count_rows(names.table(table))


async def test_versions_live_beside_each_other(columns: Columns) -> None:
    old, new = a_version(), a_version()
    await migrate(columns, old)
    await migrate(columns, new)
    await remove(columns, old)
    assert await columns.count_rows(new.points) == 0
    await remove(columns, new)


WRITTEN = {POINTS: POINT_COLUMNS, OBJECTS: OBJECT_COLUMNS, LOG_LINES: LOG_COLUMNS, LOG_RECORDS: LOG_COLUMNS}


@pytest.mark.parametrize("kind", TABLES)
async def test_a_table_has_what_the_adapter_writes(columns: Columns, names: ViewNames, kind: str) -> None:
    description = await answer(columns, f"DESCRIBE TABLE {names.table(kind)}")
    described = [line.split("\t") for line in description.splitlines()]
    assert {fields[0]: fields[1] for fields in described} == WRITTEN[kind]


@pytest.mark.parametrize("kind", TABLES)
async def test_inserts_and_merges_are_synced(columns: Columns, names: ViewNames, kind: str) -> None:
    statement = await answer(columns, f"SHOW CREATE TABLE {names.table(kind)}")
    for setting in ("fsync_after_insert = 1", "fsync_part_directory = 1", "min_rows_to_fsync_after_merge = 1"):
        assert setting in statement
