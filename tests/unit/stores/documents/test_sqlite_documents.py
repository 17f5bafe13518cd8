import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.tables import Index
from stores.documents.matching import Rank, full_order, matches
from stores.documents.port import AllOf, AnyOf, Condition, Document, Put, Where
from stores.documents.sqlite import SqliteDocuments
from stores.errors import StoreUnavailable

VALUES: list[Any] = [None, True, False, 0, 1, -1, 2.5, 1e300, "", "a", "b", "zé", b"", b"\x00", b"x"]
VALUES += [float("inf"), float("-inf")]
FIELDS = ["indexed", "second", "plain"]


@pytest.fixture
async def documents(tmp_path: Path) -> AsyncIterator[SqliteDocuments]:
    opened = await SqliteDocuments.open(tmp_path / "deep" / "documents.sqlite")
    await opened.ensure({"things": (Index(("indexed", "second")), Index(("second",)))})
    yield opened
    await opened.close()


def random_where(choose: random.Random, depth: int = 2) -> Where:
    if depth and choose.random() < 0.5:
        parts = tuple(random_where(choose, depth - 1) for _ in range(choose.randrange(4)))
        return AllOf(parts) if choose.random() < 0.5 else AnyOf(parts)
    field, op = choose.choice(FIELDS), choose.choice(["eq", "ne", "in", "lt", "lte", "gt", "gte", "contains"])
    value = choose.choices(VALUES, k=choose.randrange(5)) if op == "in" else choose.choice(VALUES)
    return Condition(field, op, value)


def random_document(choose: random.Random, number: int) -> Document:
    fields = {field: choose.choice(VALUES) for field in FIELDS if choose.random() < 0.9}
    return {"_id": f"{number:03}", "_v": choose.randrange(5), **fields}


async def test_searches_answer_as_the_plain_meaning_of_their_conditions(documents: SqliteDocuments) -> None:
    choose = random.Random(5)
    things = [random_document(choose, number) for number in range(200)]
    await documents.commit([Put("things", thing) for thing in things])
    for _ in range(300):
        where = random_where(choose)
        sort = [(field, choose.choice([1, -1])) for field in choose.sample(["_v", *FIELDS], 2)]
        order = full_order(sort)
        expected = sorted(
            (thing for thing in things if matches(where, thing)),
            key=lambda thing: [Rank(thing.get(field), direction) for field, direction in order],
        )
        found = [each async for batch in documents.find("things", where, sort=sort, batch=7) for each in batch]
        # Bytes and booleans have no order of their own: only the ids of such matches are compared.
        assert {each["_id"] for each in found} == {each["_id"] for each in expected}
        assert len(found) == len(expected)
        assert await documents.count("things", where) == len(expected)
        if not any(isinstance(thing.get(field), bytes | bool) for thing in expected for field, _ in sort):
            assert [each["_id"] for each in found] == [each["_id"] for each in expected]


async def test_an_index_serves_the_listing_of_runs(documents: SqliteDocuments, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "deep" / "documents.sqlite") as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT body FROM things WHERE f_indexed IS ? ORDER BY f_second DESC", (1,)
        ).fetchall()
    connection.close()
    assert "USING INDEX" in plan[0][3]
    assert len(plan) == 1


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    path.write_bytes(b"this is no database, however long it is" * 100)
    with pytest.raises(StoreUnavailable):
        await SqliteDocuments.open(path)


async def test_a_document_without_version_is_the_callers_fault_and_undoes_its_commit(
    documents: SqliteDocuments,
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await documents.commit([Put("things", {"_id": "a", "_v": 1}), Put("things", {"_id": "b"})])
    assert await documents.count("things") == 0


async def test_names_may_hold_quotes(documents: SqliteDocuments) -> None:
    name, field = 'th"ings; DROP TABLE things', 'fi"eld; --'
    await documents.ensure({name: (Index((field,)),)})
    await documents.commit([Put(name, {"_id": "a", "_v": 1, field: 5})])
    assert await documents.count(name, Condition(field, "gt", 4)) == 1
    await documents.drop([name])
    assert await documents.count("things") == 0
