import asyncio
import math
from collections.abc import Iterable

import numpy as np
import pytest
from tests.servers.clickhouse import ClickHouseServer

from contracts.tables import ViewNames
from projector.migrations import migrate, remove
from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import Columns, PointRows, SeriesPoints
from stores.errors import StoreUnavailable

RUN, OTHER_RUN = (1 << 64) - 1, 7
NO_CONTEXT, CONTEXT = 0, (1 << 63) + 5

Point = tuple[int, float]  # step, value


def rows(
    points: Iterable[Point], *, version: int = 1, name: str = "loss", run: int = RUN, context: int = NO_CONTEXT
) -> PointRows:
    """Points of one series; epoch and time follow from the value, so that a torn row would show."""
    points = list(points)
    count = len(points)
    steps, values = (np.array([point[side] for point in points]) for side in (0, 1))
    return PointRows(
        names=[name] * count,
        data_keys=np.full(count, run, np.uint64),
        contexts=np.full(count, context, np.uint64),
        steps=steps.astype(np.int64),
        values=values.astype(np.float64),
        epochs=values.astype(np.float64) + 1,
        times=values.astype(np.float64) + 2,
        versions=np.full(count, version, np.int64),
    )


def together(*parts: PointRows) -> PointRows:
    return PointRows(
        [name for part in parts for name in part.names],
        np.concatenate([part.data_keys for part in parts]),
        np.concatenate([part.contexts for part in parts]),
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.epochs for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.versions for part in parts]),
    )


def points_of(series: SeriesPoints) -> list[Point]:
    np.testing.assert_array_equal(series.epochs, series.values + 1)
    np.testing.assert_array_equal(series.times, series.values + 2)
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


async def read_one(columns: Columns, table: str, steps: tuple[int | None, int | None] = (None, None)) -> list[Point]:
    found = await columns.read_points(table, ["loss"], [RUN], steps=steps)
    assert len(found) <= 1
    return points_of(found[0]) if found else []


async def test_points_come_back_by_step(columns: Columns, table: str) -> None:
    await columns.insert_points(table, rows([(2, 0.25), (-5, 1.5), (0, -1.0)]))
    (series,) = await columns.read_points(table, ["loss"], [RUN])
    assert (series.name, series.data_key, series.context) == ("loss", RUN, NO_CONTEXT)
    assert points_of(series) == [(-5, 1.5), (0, -1.0), (2, 0.25)]
    assert [array.dtype for array in (series.steps, series.values, series.epochs, series.times)] == [
        np.int64,
        np.float64,
        np.float64,
        np.float64,
    ]


async def test_the_ends_of_the_step_range_are_kept(columns: Columns, table: str) -> None:
    ends = [(-(1 << 63) + 1, 1.0), (0, 2.0), ((1 << 63) - 1, 3.0)]
    await columns.insert_points(table, rows(ends, version=(1 << 63) - 1))
    assert await read_one(columns, table) == ends


async def test_values_that_are_no_numbers_are_kept(columns: Columns, table: str) -> None:
    values = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308]
    given = rows(list(enumerate(values)))
    given.epochs[:] = math.nan
    await columns.insert_points(table, given)
    (series,) = await columns.read_points(table, ["loss"], [RUN])
    assert series.values.tobytes() == given.values.tobytes()
    assert np.isnan(series.epochs).all()


@pytest.mark.parametrize("shape", ["one insert", "versions rise", "versions fall"])
async def test_of_a_step_the_highest_version_counts(columns: Columns, table: str, shape: str) -> None:
    writes = [
        rows([(0, 10.0), (1, 11.0)], version=1),
        rows([(1, 21.0), (2, 22.0)], version=2),
        rows([(1, 31.0)], version=3),
    ]
    if shape == "one insert":
        await columns.insert_points(table, together(*writes[::-1]))
    else:
        for write in writes if shape == "versions rise" else writes[::-1]:
            await columns.insert_points(table, write)
    assert await read_one(columns, table) == [(0, 10.0), (1, 31.0), (2, 22.0)]
    assert await columns.count_rows(table) == 3


async def test_the_same_rows_again_change_nothing_before_and_after_a_merge(columns: Columns, table: str) -> None:
    given = [rows([(step, step * 1.0) for step in range(100)], version=5), rows([(7, -7.0)], version=6)]
    for write in [*given, *given]:
        await columns.insert_points(table, write)
    expected = [(step, -7.0 if step == 7 else step * 1.0) for step in range(100)]
    assert await read_one(columns, table) == expected
    assert await columns.count_rows(table) == 100
    await columns.execute(f"OPTIMIZE TABLE {table} FINAL")
    assert await read_one(columns, table) == expected


async def test_series_are_told_apart_and_come_in_order(columns: Columns, table: str) -> None:
    keys = [
        (name, run, context) for name in ("a", "b") for run in (RUN, OTHER_RUN) for context in (CONTEXT, NO_CONTEXT)
    ]
    given = [
        rows([(0, number), (1, -number)], name=name, run=run, context=context)
        for number, (name, run, context) in enumerate(keys)
    ]
    await columns.insert_points(table, together(*given))
    found = await columns.read_points(table, ["b", "a", "b", "none"], [RUN, OTHER_RUN, RUN])
    assert [(series.name, series.data_key, series.context) for series in found] == sorted(keys)
    assert {series.values[0] for series in found} == set(range(8))
    found = await columns.read_points(table, ["a", "b"], [OTHER_RUN], [CONTEXT, 99])
    assert [(series.name, series.data_key, series.context) for series in found] == [
        ("a", OTHER_RUN, CONTEXT),
        ("b", OTHER_RUN, CONTEXT),
    ]


async def test_nothing_asked_or_nothing_there_is_no_series(columns: Columns, table: str) -> None:
    assert await columns.read_points(table, ["loss"], [RUN]) == []
    assert await columns.count_rows(table) == 0
    await columns.insert_points(table, rows([]))
    await columns.insert_points(table, rows([(0, 1.0)]))
    assert await columns.read_points(table, [], [RUN]) == []
    assert await columns.read_points(table, ["loss"], []) == []
    assert await columns.read_points(table, ["loss"], [RUN], []) == []
    assert await columns.read_points(table, ["other"], [RUN]) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((None, None), [-2, -1, 0, 1, 2]),
        ((-1, None), [-1, 0, 1, 2]),
        ((None, 1), [-2, -1, 0]),
        ((-1, 2), [-1, 0, 1]),
        ((0, 0), []),
        ((5, None), []),
        ((-(1 << 63), (1 << 63) - 1), [-2, -1, 0, 1, 2]),
    ],
)
async def test_a_range_of_steps_is_half_open(
    columns: Columns, table: str, steps: tuple[int | None, int | None], expected: list[int]
) -> None:
    await columns.insert_points(table, rows([(step, 1.0) for step in range(-2, 3)]))
    assert [step for step, _ in await read_one(columns, table, steps=steps)] == expected


HOSTILE_NAMES = [
    "",
    " ",
    "'",
    "\\",
    "\\'",
    "') OR 1=1 --",
    "'; DROP TABLE points; --",
    "{name:String}",
    "%s %(x)s",
    "a\0b",
    "tab\tnewline\nreturn\r",
    '`"',
    "naïve 日本 🙂",
    "unhex('41')",
    "x" * 10_000,
]


async def test_a_name_is_only_ever_a_name(columns: Columns, table: str) -> None:
    parts = [rows([(0, number)], name=name) for number, name in enumerate(HOSTILE_NAMES)]
    await columns.insert_points(table, together(*parts))
    for number, name in enumerate(HOSTILE_NAMES):
        (series,) = await columns.read_points(table, [name], [RUN])
        assert (series.name, series.values.tolist()) == (name, [number])
    found = await columns.read_points(table, HOSTILE_NAMES, [RUN])
    assert [series.name for series in found] == sorted(HOSTILE_NAMES)


async def test_a_name_that_is_no_text_matches_nothing(columns: Columns, table: str) -> None:
    await columns.insert_points(table, rows([(0, 1.0)]))
    assert await columns.read_points(table, ["\ud800"], [RUN]) == []


@pytest.mark.parametrize("name", ["points; DROP TABLE x", "a b", "", "1x", "x--", "db.points"])
async def test_a_table_name_that_needs_quotes_is_refused(columns: Columns, name: str) -> None:
    with pytest.raises(ValueError, match="not a table name"):
        await columns.read_points(name, ["loss"], [RUN])
    with pytest.raises(ValueError, match="not a table name"):
        await columns.insert_points(name, rows([(0, 1.0)]))
    with pytest.raises(ValueError, match="not a table name"):
        await columns.count_rows(name)


async def test_many_keys_and_names_are_asked_for_at_once(columns: Columns, table: str) -> None:
    keys = np.random.default_rng(1).integers(1, 1 << 63, 10_000).astype(np.uint64) * np.uint64(2)
    names = [f"metric {number % 300}" for number in range(len(keys))]
    ones = np.ones(len(keys))
    await columns.insert_points(
        table,
        PointRows(names, keys, keys, np.arange(len(keys)), ones, ones, ones, np.arange(len(keys))),
    )
    found = await columns.read_points(table, [f"metric {number}" for number in range(400)], keys.tolist())
    assert [(series.name, series.data_key) for series in found] == sorted(zip(names, keys.tolist(), strict=True))
    found = await columns.read_points(table, ["metric 5"], [*range(20_000), *keys[:1_000].tolist()], keys.tolist())
    assert {series.data_key for series in found} == {
        int(key) for key, name in zip(keys[:1_000], names, strict=False) if name == "metric 5"
    }


async def test_long_names_are_asked_for_in_statements_that_the_engine_takes(columns: Columns, table: str) -> None:
    names = [f"{number:04}" + "\U0001f4c8" * 1_020 for number in range(220)]
    ones, key = np.ones(len(names)), np.full(len(names), RUN, np.uint64)
    await columns.insert_points(
        table, PointRows(names, key, key, np.zeros(len(names), np.int64), ones, ones, ones, np.ones(len(names), int))
    )
    found = await columns.read_points(table, names, [*range(4_000), RUN], [*range(4_000), RUN])
    assert [series.name for series in found] == names


async def test_a_series_that_spans_many_blocks_is_one(columns: Columns, table: str) -> None:
    count = 200_000
    order = np.random.default_rng(2).permutation(count)
    await columns.insert_points(table, rows([(step, step / 2) for step in order[:150_000].tolist()]))
    await columns.insert_points(table, rows([(step, step / 2) for step in order[100_000:].tolist()], version=2))
    (series,) = await columns.read_points(table, ["loss"], [RUN])
    np.testing.assert_array_equal(series.steps, np.arange(count))
    np.testing.assert_array_equal(series.values, np.arange(count) / 2)


async def test_random_histories_read_as_a_dictionary_would(columns: Columns, table: str) -> None:
    random = np.random.default_rng(3)
    model: dict[tuple[str, int], dict[int, tuple[int, float]]] = {}
    batches = []
    for version in range(1, 40):
        name, run = ("a", "b")[random.integers(2)], int(random.integers(1, 4))
        points = {int(step): float(random.normal()) for step in random.integers(-20, 20, 10)}
        batches.append(rows(points.items(), version=version, name=name, run=run))
        known = model.setdefault((name, run), {})
        known.update({step: (version, value) for step, value in points.items()})
    for index in [*random.permutation(len(batches)), *random.integers(0, len(batches), 10)]:
        await columns.insert_points(table, batches[index])
    found = await columns.read_points(table, ["a", "b"], [1, 2, 3])
    assert {(series.name, series.data_key): points_of(series) for series in found} == {
        key: [(step, known[step][1]) for step in sorted(known)] for key, known in model.items()
    }
    assert await columns.count_rows(table) == sum(len(known) for known in model.values())


async def test_reads_and_writes_run_beside_each_other(columns: Columns, table: str) -> None:
    async def write(run: int) -> None:
        for version in range(1, 11):
            await columns.insert_points(table, rows([(step, version) for step in range(50)], version=version, run=run))

    async def read() -> None:
        for _ in range(10):
            for series in await columns.read_points(table, ["loss"], [1, 2]):
                assert len(set(series.values.tolist())) == 1
                assert len(series.steps) == 50

    await asyncio.gather(write(1), write(2), read(), read())
    assert [set(series.values) for series in await columns.read_points(table, ["loss"], [1, 2])] == [{10}, {10}]


async def test_a_table_that_is_not_there_is_unavailable(columns: Columns) -> None:
    with pytest.raises(StoreUnavailable):
        await columns.read_points("no_such_table", ["loss"], [RUN])
    with pytest.raises(StoreUnavailable):
        await columns.insert_points("no_such_table", rows([(0, 1.0)]))
    with pytest.raises(StoreUnavailable):
        await columns.count_rows("no_such_table")
    with pytest.raises(StoreUnavailable):
        await columns.execute("SELEC 1")
    await columns.check()


async def test_warming_up_may_be_done_again_and_touches_no_table(columns: Columns, table: str) -> None:
    await columns.warm_up()
    await columns.warm_up()
    assert await columns.count_rows(table) == 0


async def test_rows_are_there_when_the_engine_is_opened_again(dsn: str) -> None:
    names = ViewNames(1)
    first = await ClickHouseColumns.open(dsn)
    await migrate(first, names)
    await first.insert_points(names.points, rows([(0, 1.0)]))
    await first.close()
    second = await ClickHouseColumns.open(dsn)
    try:
        await migrate(second, names)
        assert await read_one(second, names.points) == [(0, 1.0)]
    finally:
        await remove(second, names)
        await second.close()


@pytest.mark.clickhouse
async def test_a_server_that_died_is_unavailable_until_it_is_back(clickhouse_server: ClickHouseServer) -> None:
    names = ViewNames(2)
    columns = await ClickHouseColumns.open(clickhouse_server.dsn)
    await migrate(columns, names)
    await columns.insert_points(names.points, rows([(0, 1.0)]))
    clickhouse_server.kill()
    try:
        for call in (
            columns.check(),
            read_one(columns, names.points),
            columns.insert_points(names.points, rows([(1, 2.0)])),
        ):
            with pytest.raises(StoreUnavailable):
                await call
        with pytest.raises(StoreUnavailable):
            await ClickHouseColumns.open(clickhouse_server.dsn)
    finally:
        clickhouse_server.restart()
    assert await read_one(columns, names.points) == [(0, 1.0)]
    await remove(columns, names)
    await columns.close()


async def test_closed_columns_are_unavailable_and_close_twice(dsn: str) -> None:
    columns = await ClickHouseColumns.open(dsn)
    await columns.check()
    await columns.close()
    await columns.close()
    with pytest.raises(StoreUnavailable):
        await columns.check()
