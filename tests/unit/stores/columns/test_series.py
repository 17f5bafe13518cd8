import numpy as np

from stores.columns.native import TextColumn
from stores.columns.port import SeriesPoints
from stores.columns.series import split_series


def split(rows: list[tuple[str, int, int, int, float]]) -> list[SeriesPoints]:
    """Rows of name, data key, context, step, value; each brings a dictionary of its own, as small blocks do."""
    names = TextColumn([row[0] for row in rows], np.arange(len(rows)))
    keys, contexts = (np.array([row[side] for row in rows], np.uint64) for side in (1, 2))
    values = np.array([row[4] for row in rows], np.float64)
    return list(
        split_series(names, keys, contexts, np.array([row[3] for row in rows], np.int64), values, values, values)
    )


def test_no_rows_are_no_series() -> None:
    assert split([]) == []


def test_any_part_of_the_key_begins_a_series() -> None:
    found = split([("a", 1, 1, 0, 0.0), ("a", 1, 2, 0, 1.0), ("a", 2, 2, 0, 2.0), ("b", 2, 2, 0, 3.0)])
    assert [(each.name, each.data_key, each.context, each.values.tolist()) for each in found] == [
        ("a", 1, 1, [0.0]),
        ("a", 1, 2, [1.0]),
        ("a", 2, 2, [2.0]),
        ("b", 2, 2, [3.0]),
    ]


def test_of_equal_steps_the_last_row_is_kept() -> None:
    found = split(
        [("a", 1, 0, 0, 1.0), ("a", 1, 0, 0, 2.0), ("a", 1, 0, 3, 3.0), ("b", 1, 0, 3, 4.0), ("b", 1, 0, 3, 5.0)]
    )
    assert [(each.name, each.steps.tolist(), each.values.tolist()) for each in found] == [
        ("a", [0, 3], [2.0, 3.0]),
        ("b", [3], [5.0]),
    ]


def test_keys_above_the_signed_range_stay_what_they_are() -> None:
    (found,) = split([("a", (1 << 64) - 1, (1 << 63) + 1, 0, 0.0)])
    assert (found.data_key, found.context) == ((1 << 64) - 1, (1 << 63) + 1)
