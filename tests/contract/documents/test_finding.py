from collections.abc import Sequence
from typing import Any

import pytest

from stores.documents.port import AllOf, AnyOf, Condition, Document, Documents, Put, Where

THINGS: dict[str, dict[str, Any]] = {
    "none": {"rank": None, "group": None, "plain": None, "labels": []},
    "missing": {},
    "one": {"rank": 1, "group": "x", "active": True, "plain": 1, "labels": ["red", "blue"]},
    "two": {"rank": 2.5, "group": "y", "active": False, "plain": 2.5, "labels": ["blue"]},
    "three": {"rank": 3, "group": "x", "active": True, "plain": 3, "labels": "blue"},
    "text": {"rank": "3", "group": 'it\'s "q" %_', "plain": "3", "labels": [1, True, None]},
    "true": {"rank": True, "group": "zé\0!", "plain": True, "labels": [["blue"]]},
}
INDEXED_AND_PLAIN = pytest.mark.parametrize("field", ["rank", "plain"])


async def fill(documents: Documents) -> None:
    await documents.commit([Put("things", {"_id": id, "_v": 1, **fields}) for id, fields in THINGS.items()])


async def found(documents: Documents, where: Where | None, **options: Any) -> list[str]:
    return [document["_id"] async for batch in documents.find("things", where, **options) for document in batch]


@INDEXED_AND_PLAIN
@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", 1, {"one"}),
        ("eq", 1.0, {"one"}),
        ("eq", 2.5, {"two"}),
        ("eq", "3", {"text"}),
        ("eq", True, {"true"}),
        ("eq", False, set()),
        ("eq", None, {"none", "missing"}),
        ("ne", 1, {"none", "missing", "two", "three", "text", "true"}),
        ("ne", None, {"one", "two", "three", "text", "true"}),
        ("in", [1, "3", 99], {"one", "text"}),
        ("in", [None, 3.0], {"none", "missing", "three"}),
        ("in", [True], {"true"}),
        ("in", [], set()),
        ("lt", 2.5, {"one"}),
        ("lte", 2.5, {"one", "two"}),
        ("gt", 1, {"two", "three"}),
        ("gte", 1, {"one", "two", "three"}),
        ("gt", -1e300, {"one", "two", "three"}),
        ("lt", "4", {"text"}),
        ("gte", "3", {"text"}),
        ("gt", "3", set()),
        ("lt", "3", set()),
    ],
)
async def test_each_operator_means_the_same_with_and_without_an_index(
    documents: Documents, field: str, op: str, value: Any, expected: set[str]
) -> None:
    await fill(documents)
    where = Condition(field, op, value)
    assert set(await found(documents, where)) == expected
    assert await documents.count("things", where) == len(expected)


@pytest.mark.parametrize(("value", "expected"), [("blue", {"one", "two"}), ("red", {"one"}), ("green", set())])
async def test_contains_looks_for_a_member_of_a_list(documents: Documents, value: str, expected: set[str]) -> None:
    await fill(documents)
    assert set(await found(documents, Condition("labels", "contains", value))) == expected


@pytest.mark.parametrize("text", ['it\'s "q" %_', "zé\0!", "x"], ids=["quotes", "zero byte", "letter"])
async def test_texts_are_compared_as_they_are(documents: Documents, text: str) -> None:
    await fill(documents)
    expected = {id for id, fields in THINGS.items() if fields.get("group") == text}
    assert expected
    for where in (Condition("group", "eq", text), Condition("group", "in", [text, "no such text"])):
        assert set(await found(documents, where)) == expected


async def test_conditions_combine(documents: Documents) -> None:
    await fill(documents)
    x, active, first = Condition("group", "eq", "x"), Condition("active", "eq", True), Condition("plain", "lt", 2)
    assert set(await found(documents, AllOf((x, active)))) == {"one", "three"}
    assert await found(documents, AllOf((x, active, first))) == ["one"]
    assert set(await found(documents, AnyOf((first, Condition("group", "eq", "y"))))) == {"one", "two"}
    assert set(await found(documents, AllOf((x, AnyOf((first, Condition("rank", "gt", 2))))))) == {"one", "three"}
    assert set(await found(documents, AllOf(()))) == set(THINGS)
    assert await found(documents, AnyOf(())) == []


async def test_ids_and_versions_can_be_asked_for(documents: Documents) -> None:
    await documents.commit([Put("things", {"_id": str(n), "_v": n}) for n in range(10)])
    assert await found(documents, Condition("_id", "in", ["3", "5", "11"])) == ["3", "5"]
    assert await found(documents, Condition("_v", "gte", 8)) == ["8", "9"]
    assert await found(documents, None, sort=[("_v", -1)], limit=2) == ["9", "8"]


async def test_an_unknown_operator_is_refused(documents: Documents) -> None:
    await fill(documents)
    with pytest.raises(ValueError, match="no such operator"):
        await found(documents, Condition("plain", "like", "x"))


@INDEXED_AND_PLAIN
@pytest.mark.parametrize("batch", [1, 2, 100])
async def test_sorting_puts_the_missing_first_then_numbers_then_texts_and_ids_decide(
    documents: Documents, field: str, batch: int
) -> None:
    await fill(documents)
    upwards = ["missing", "none", "one", "two", "three", "text", "true"]
    assert await found(documents, None, sort=[(field, 1)], batch=batch) == upwards
    downwards = ["true", "text", "three", "two", "one", "missing", "none"]
    assert await found(documents, None, sort=[(field, -1)], batch=batch) == downwards
    assert await found(documents, None, sort=[(field, -1), ("_id", -1)], batch=batch) == upwards[::-1]


@pytest.mark.parametrize(
    "sort", [[("group", 1), ("_v", -1)], [("group", -1), ("plain", 1)], [("_v", -1), ("group", 1)]]
)
@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_pages_join_to_the_whole_order(documents: Documents, sort: list[tuple[str, int]], batch: int) -> None:
    rows = [
        {"_id": f"{n:03}", "_v": n % 5, "group": [None, "a", "b", 3][n % 4], "plain": n % 3, "rank": n}
        for n in range(100)
    ]
    await documents.commit([Put("things", row) for row in rows])
    expected: Sequence[Document] = sorted(rows, key=lambda row: str(row["_id"]))
    for field, direction in reversed(sort):
        expected = sorted(expected, key=lambda row: _rank(row[field]), reverse=direction < 0)
    where = Condition("rank", "gte", 10)
    wanted = [str(row["_id"]) for row in expected if row["rank"] >= 10]
    assert await found(documents, where, sort=sort, batch=batch) == wanted
    assert await found(documents, where, sort=sort, batch=batch, limit=13) == wanted[:13]


def _rank(value: Any) -> tuple[int, Any]:
    return (0, 0) if value is None else (1, value) if isinstance(value, int) else (2, value)


async def test_batches_are_never_larger_than_asked_nor_empty(documents: Documents) -> None:
    await documents.commit([Put("things", {"_id": f"{n:03}", "_v": 1, "plain": n % 2}) for n in range(25)])
    sizes = [len(batch) async for batch in documents.find("things", batch=10)]
    assert sum(sizes) == 25
    assert all(0 < size <= 10 for size in sizes)
    sizes = [len(batch) async for batch in documents.find("things", Condition("plain", "eq", 1), batch=5, limit=7)]
    assert sum(sizes) == 7
    assert all(0 < size <= 5 for size in sizes)


async def test_many_ids_can_be_asked_for_at_once(documents: Documents) -> None:
    ids = [f"run-{n}" for n in range(3_000)]
    await documents.commit([Put("things", {"_id": id, "_v": 1, "group": id}) for id in ids])
    wanted = [f"run-{n}" for n in range(0, 20_000, 2)]
    assert len(await documents.get_many("things", [*wanted, *wanted])) == 1_500
    assert len(await found(documents, Condition("_id", "in", wanted))) == 1_500
    assert await documents.count("things", Condition("group", "in", wanted)) == 1_500
