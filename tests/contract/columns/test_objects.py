"""Objects and logs in columns: what points do, with payloads."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from contracts.tables import ViewNames
from stores.columns.port import Columns, LogRows, ObjectRows, ObjectsWanted, SeriesObjects
from stores.errors import StoreUnavailable

RUN, OTHER_RUN = (1 << 64) - 1, 7
NO_CONTEXT, CONTEXT = 0, (1 << 63) + 5

Logged = tuple[int, bytes]  # step, payload


def rows(
    logged: Iterable[Logged],
    *,
    version: int = 1,
    kind: str = "images",
    name: str = "a",
    run: int = RUN,
    context: int = NO_CONTEXT,
) -> ObjectRows:
    """Objects of one series; the rest follows from the payload's length, so that a torn row would show."""
    logged = list(logged)
    count = len(logged)
    lengths = np.array([len(payload) for _, payload in logged], np.float64)
    return ObjectRows(
        kinds=[kind] * count,
        names=[name] * count,
        data_keys=np.full(count, run, np.uint64),
        contexts=np.full(count, context, np.uint64),
        steps=np.array([step for step, _ in logged], np.int64),
        epochs=lengths + 1,
        times=lengths + 2,
        listed=lengths % 2 == 1,
        payloads=[payload for _, payload in logged],
        versions=np.full(count, version, np.int64),
    )


def logged_of(series: SeriesObjects) -> list[Logged]:
    lengths = np.array([len(payload) for payload in series.payloads], np.float64)
    np.testing.assert_array_equal(series.epochs, lengths + 1)
    np.testing.assert_array_equal(series.times, lengths + 2)
    np.testing.assert_array_equal(series.listed, lengths % 2 == 1)
    return list(zip(series.steps.tolist(), series.payloads, strict=True))


def wanted(*steps: int, name: str = "a", run: int = RUN, context: int = NO_CONTEXT) -> ObjectsWanted:
    return ObjectsWanted(name, run, context, steps)


async def read_one(columns: Columns, names: ViewNames, *steps: int) -> list[Logged]:
    found = await columns.read_objects(names.objects, "images", [wanted(*steps)])
    assert len(found) <= 1
    return logged_of(found[0]) if found else []


async def steps_of(
    columns: Columns, names: ViewNames, steps: tuple[int | None, int | None] = (None, None)
) -> list[int]:
    found = await columns.read_object_steps(names.objects, "images", ["a"], [RUN], steps=steps)
    assert len(found) <= 1
    return found[0].steps.tolist() if found else []


PAYLOADS = [b"", b"\0", b"'; DROP TABLE objects; --", bytes(range(256)), b"\xff" * 300, b"x" * 70_000, b"\\n\t"]


async def test_objects_come_back_by_step_to_the_byte(columns: Columns, names: ViewNames) -> None:
    logged = [(7 - 3 * number, payload) for number, payload in enumerate(PAYLOADS)]
    await columns.insert_objects(names.objects, rows(logged))
    assert await steps_of(columns, names) == sorted(step for step, _ in logged)
    assert await read_one(columns, names, *(step for step, _ in logged)) == sorted(logged)
    (series,) = await columns.read_object_steps(names.objects, "images", ["a"], [RUN])
    assert (series.name, series.data_key, series.context) == ("a", RUN, NO_CONTEXT)
    by_step = dict(logged)
    assert series.epochs.tolist() == [len(by_step[step]) + 1 for step in series.steps.tolist()]
    assert series.times.tolist() == [len(by_step[step]) + 2 for step in series.steps.tolist()]


async def test_only_the_steps_that_are_asked_for_come(columns: Columns, names: ViewNames) -> None:
    await columns.insert_objects(names.objects, rows((step, str(step).encode()) for step in range(-5, 5)))
    assert await read_one(columns, names, 3, -5, 99, 3) == [(-5, b"-5"), (3, b"3")]
    assert await read_one(columns, names) == []
    assert await columns.read_objects(names.objects, "images", []) == []
    assert await columns.read_objects(names.objects, "images", [wanted(99)]) == []
    assert await steps_of(columns, names, (-1, 2)) == [-1, 0, 1]
    assert await steps_of(columns, names, (None, -4)) == [-5]
    assert await steps_of(columns, names, (5, None)) == []


async def test_the_ends_of_the_step_range_are_kept(columns: Columns, names: ViewNames) -> None:
    ends = [(-(1 << 63) + 1, b"a"), ((1 << 63) - 1, b"b")]
    await columns.insert_objects(names.objects, rows(ends, version=(1 << 63) - 1))
    assert await read_one(columns, names, *(step for step, _ in ends)) == ends


async def test_epochs_that_are_none_are_kept(columns: Columns, names: ViewNames) -> None:
    given = rows([(0, b"a")])
    given.epochs[:] = math.nan
    await columns.insert_objects(names.objects, given)
    (series,) = await columns.read_objects(names.objects, "images", [wanted(0)])
    assert math.isnan(series.epochs[0])


@pytest.mark.parametrize("rising", [True, False])
async def test_of_a_step_the_highest_version_counts(columns: Columns, names: ViewNames, rising: bool) -> None:
    writes = [rows([(0, b"10"), (1, b"11")], version=1), rows([(1, b"21"), (2, b"22")], version=2)]
    for write in [*(writes if rising else writes[::-1]), *writes]:
        await columns.insert_objects(names.objects, write)
    expected = [(0, b"10"), (1, b"21"), (2, b"22")]
    assert await read_one(columns, names, 0, 1, 2) == expected
    assert await columns.count_rows(names.objects) == 3
    await columns.execute(f"OPTIMIZE TABLE {names.objects} FINAL")
    assert await read_one(columns, names, 0, 1, 2) == expected
    assert await steps_of(columns, names) == [0, 1, 2]


async def test_series_are_told_apart_by_kind_name_run_and_context(columns: Columns, names: ViewNames) -> None:
    keys = [
        (kind, name, run, context)
        for kind in ("images", "texts")
        for name in ("a", "b")
        for run in (RUN, OTHER_RUN)
        for context in (CONTEXT, NO_CONTEXT)
    ]
    for number, (kind, name, run, context) in enumerate(keys):
        given = rows([(0, bytes(number))], kind=kind, name=name, run=run, context=context)
        await columns.insert_objects(names.objects, given)
    asked = [wanted(0, name=name, run=run, context=context) for kind, name, run, context in keys if kind == "texts"]
    found = await columns.read_objects(names.objects, "texts", asked[::-1])
    assert [(one.name, one.data_key, one.context) for one in found] == sorted(key[1:] for key in keys[8:])
    assert {len(one.payloads[0]) for one in found} == set(range(8, 16))
    listed = await columns.read_object_steps(names.objects, "images", ["b", "a", "none"], [OTHER_RUN], [CONTEXT])
    assert [(one.name, one.data_key, one.context) for one in listed] == [
        ("a", OTHER_RUN, CONTEXT),
        ("b", OTHER_RUN, CONTEXT),
    ]
    assert await columns.read_object_steps(names.objects, "audios", ["a"], [RUN]) == []


HOSTILE = ["", "'", "\\'", "') OR 1=1 --", "a\0b", "naïve 日本 🙂", "unhex('41')"]


async def test_a_name_and_a_kind_are_only_ever_text(columns: Columns, names: ViewNames) -> None:
    for number, name in enumerate(HOSTILE):
        await columns.insert_objects(names.objects, rows([(0, bytes(number))], name=name, kind=name))
    for number, name in enumerate(HOSTILE):
        (series,) = await columns.read_objects(names.objects, name, [wanted(0, name=name)])
        assert (series.name, len(series.payloads[0])) == (name, number)
    assert await columns.read_object_steps(names.objects, "\ud800", ["\ud800"], [RUN]) == []


async def test_more_steps_than_a_statement_holds_are_one_series(columns: Columns, names: ViewNames) -> None:
    count = 5_000
    await columns.insert_objects(names.objects, rows((step, str(step).encode()) for step in range(count)))
    assert await read_one(columns, names, *range(count)) == [(step, str(step).encode()) for step in range(count)]


async def test_many_series_are_asked_for_at_once(columns: Columns, names: ViewNames) -> None:
    for run in range(1, 4):
        await columns.insert_objects(names.objects, rows([(step, b"x" * run) for step in range(1_000)], run=run))
    asked = [wanted(*range(0, 1_000, run), run=run) for run in (3, 1, 2)]
    found = await columns.read_objects(names.objects, "images", asked)
    assert [(one.data_key, len(one.steps)) for one in found] == [(1, 1_000), (2, 500), (3, 334)]
    assert all(set(one.payloads) == {b"x" * one.data_key} for one in found)


def log(lines: Sequence[Logged], *, version: int = 1, run: int = RUN) -> LogRows:
    return LogRows(
        data_keys=np.full(len(lines), run, np.uint64),
        steps=np.array([number for number, _ in lines], np.int64),
        payloads=[payload for _, payload in lines],
        versions=np.full(len(lines), version, np.int64),
    )


async def read_lines(
    columns: Columns, table: str, numbers: tuple[int | None, int | None] = (None, None), limit: int = 1_000
) -> list[Logged]:
    part = await columns.read_log(table, RUN, numbers=numbers, limit=limit)
    return list(zip(part.numbers.tolist(), part.payloads, strict=True))


@pytest.fixture(params=["log_lines", "log_records"])
def log_table(request: pytest.FixtureRequest, names: ViewNames) -> str:
    return names.table(request.param)


async def test_lines_come_back_in_order_to_the_byte(columns: Columns, log_table: str) -> None:
    lines = [(number, payload) for number, payload in enumerate(PAYLOADS)]
    await columns.insert_log(log_table, log(lines[::-1]))
    assert await read_lines(columns, log_table) == lines


async def test_a_range_of_numbers_is_half_open_and_its_first_lines_come(columns: Columns, log_table: str) -> None:
    await columns.insert_log(log_table, log([(number, str(number).encode()) for number in range(0, 100, 2)]))
    assert [number for number, _ in await read_lines(columns, log_table, (90, None))] == [90, 92, 94, 96, 98]
    assert [number for number, _ in await read_lines(columns, log_table, (None, 5))] == [0, 2, 4]
    assert [number for number, _ in await read_lines(columns, log_table, (3, 9))] == [4, 6, 8]
    assert [number for number, _ in await read_lines(columns, log_table, (10, None), 3)] == [10, 12, 14]
    assert await read_lines(columns, log_table, (9, 9)) == []
    assert await read_lines(columns, log_table, (200, None)) == []


async def test_a_line_that_was_written_again_counts_once(columns: Columns, log_table: str) -> None:
    await columns.insert_log(log_table, log([(number, b"old") for number in range(10)]))
    await columns.insert_log(log_table, log([(number, b"new") for number in range(3, 6)], version=2))
    await columns.insert_log(log_table, log([(number, b"old") for number in range(10)]))
    expected = [(number, b"new" if 3 <= number < 6 else b"old") for number in range(10)]
    assert await read_lines(columns, log_table) == expected
    assert await read_lines(columns, log_table, limit=5) == expected[:5]
    assert await columns.count_rows(log_table) == 10
    await columns.execute(f"OPTIMIZE TABLE {log_table} FINAL")
    assert await read_lines(columns, log_table) == expected


async def test_logs_of_other_runs_are_not_seen(columns: Columns, log_table: str) -> None:
    await columns.insert_log(log_table, log([(0, b"mine")]))
    await columns.insert_log(log_table, log([(0, b"other"), (1, b"other")], run=OTHER_RUN))
    assert await read_lines(columns, log_table) == [(0, b"mine")]


async def test_no_rows_are_no_insert(columns: Columns, names: ViewNames, log_table: str) -> None:
    await columns.insert_log(log_table, log([]))
    await columns.insert_objects(names.objects, rows([]))
    assert await read_lines(columns, log_table) == []
    assert await columns.count_rows(log_table) == await columns.count_rows(names.objects) == 0


async def test_a_table_that_is_not_there_is_unavailable(columns: Columns) -> None:
    for call in (
        columns.insert_objects("no_such_table", rows([(0, b"")])),
        columns.insert_log("no_such_table", log([(0, b"")])),
        columns.read_objects("no_such_table", "images", [wanted(0)]),
        columns.read_object_steps("no_such_table", "images", ["a"], [RUN]),
        columns.read_log("no_such_table", RUN, limit=1),
    ):
        with pytest.raises(StoreUnavailable):
            await call


async def test_a_table_name_that_needs_quotes_is_refused(columns: Columns) -> None:
    for call in (
        columns.insert_objects("a b", rows([(0, b"")])),
        columns.insert_log("a;b", log([(0, b"")])),
        columns.read_objects("a--", "images", [wanted(0)]),
        columns.read_object_steps("", "images", ["a"], [RUN]),
        columns.read_log("x.y", RUN, limit=1),
    ):
        with pytest.raises(ValueError, match="not a table name"):
            await call
