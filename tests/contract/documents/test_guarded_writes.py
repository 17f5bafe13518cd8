import pytest

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from stores.documents.port import (
    AllOf,
    Checkpoint,
    Condition,
    Document,
    Documents,
    Put,
    Remove,
    RemoveMatching,
    Write,
)


def thing(version: int, id: str = "a", **fields: object) -> Document:
    return {"_id": id, "_v": version, **fields}


def checkpoint(offset: int, *, generation: int = 1, partition: int = 0, view: str = "v1") -> Checkpoint:
    return Checkpoint(view, generation, "runs", partition, offset)


async def versions(documents: Documents, *ids: str) -> dict[str, int]:
    found = await documents.get_many("things", ids)
    return {id: document["_v"] for id, document in found.items()}


async def test_a_document_comes_back_as_it_was_put(documents: Documents) -> None:
    document = thing(
        1 << 62,
        none=None,
        yes=True,
        number=-(1 << 63),
        small=3,
        float=0.1,
        text="naïve 🙂",
        bytes=b"\x00\xff",
        list=[1, "two", None, [3.0], {"deep": False}],
        object={"with space": 1, "": 2},
    )
    await documents.commit([Put("things", document)])
    stored = await documents.get("things", "a")
    assert stored == document
    assert stored is not None
    assert {field: type(value) for field, value in stored.items()} == {
        field: type(value) for field, value in document.items()
    }


async def test_what_is_not_there_is_none(documents: Documents) -> None:
    assert await documents.get("things", "a") is None
    assert await documents.get_many("things", ["a", "b"]) == {}
    assert await documents.get("no_such_collection", "a") is None
    assert await documents.count("no_such_collection") == 0
    assert [batch async for batch in documents.find("no_such_collection")] == []


async def test_a_newer_document_replaces_the_whole_older_one(documents: Documents) -> None:
    await documents.commit([Put("things", thing(1, group="x", old=1))])
    await documents.commit([Put("things", thing(2, rank=5))])
    assert await documents.get("things", "a") == thing(2, rank=5)


@pytest.mark.parametrize("version", [4, 5])
async def test_an_older_or_equal_version_changes_nothing(documents: Documents, version: int) -> None:
    await documents.commit([Put("things", thing(5, name="kept"))])
    await documents.commit([Put("things", thing(version, name="stale"))])
    assert await documents.get("things", "a") == thing(5, name="kept")


async def test_a_stale_write_does_not_keep_its_neighbours_from_being_applied(documents: Documents) -> None:
    await documents.commit([Put("things", thing(5, id="b"))])
    await documents.commit(
        [
            Put("things", thing(2, id="a")),
            Put("things", thing(3, id="b")),
            Remove("things", "b", 4),
            Put("things", thing(4, id="c")),
        ]
    )
    assert await versions(documents, "a", "b", "c") == {"a": 2, "b": 5, "c": 4}


@pytest.mark.parametrize(("version", "left"), [(4, {"a": 5}), (5, {}), (6, {})])
async def test_a_removal_spares_a_newer_document(documents: Documents, version: int, left: dict[str, int]) -> None:
    await documents.commit([Put("things", thing(5))])
    await documents.commit([Remove("things", "a", version)])
    assert await versions(documents, "a") == left


async def test_removing_what_is_not_there_is_no_error(documents: Documents) -> None:
    removals: list[Write] = [Remove("things", "a", 1), Remove("no_such_collection", "a", 1)]
    await documents.commit(removals)


async def test_writes_of_one_commit_apply_in_their_order(documents: Documents) -> None:
    await documents.commit(
        [
            Put("things", thing(1)),
            Put("things", thing(2)),
            Remove("things", "a", 3),
            Put("things", thing(4)),
            Put("things", thing(1, id="b")),
            Remove("things", "b", 2),
        ]
    )
    assert await versions(documents, "a", "b") == {"a": 4}


async def test_the_same_commit_again_changes_nothing(documents: Documents) -> None:
    writes: list[Write] = [Put("things", thing(1)), Put("things", thing(2, id="b")), Remove("things", "c", 3)]
    for _ in range(2):
        await documents.commit(writes, [checkpoint(7)])
    assert await versions(documents, "a", "b", "c") == {"a": 1, "b": 2}
    assert await documents.checkpoints("v1") == {TopicPartition("runs", 0): checkpoint(7)}


async def test_an_empty_commit_is_no_error(documents: Documents) -> None:
    await documents.commit([])


async def test_a_collection_that_was_never_ensured_takes_documents_and_indexes_later(documents: Documents) -> None:
    await documents.commit([Put("others", thing(1, id=str(n), rank=n)) for n in range(3)])
    assert await documents.count("others") == 3
    await documents.ensure({"others": ()})
    assert await documents.get("others", "2") == thing(1, id="2", rank=2)


async def test_a_large_document_is_kept_whole(documents: Documents) -> None:
    document = thing(1, payload=bytes(range(256)) * (8 << 12), text="é" * 1_000_000)
    await documents.commit([Put("things", document)])
    assert await documents.get("things", "a") == document


async def test_checkpoints_are_kept_by_view_and_partition(documents: Documents) -> None:
    moves = [checkpoint(3), checkpoint(9, partition=1), checkpoint(1, view="v2", generation=2)]
    await documents.commit([], moves)
    assert await documents.checkpoints("v1") == {
        TopicPartition("runs", 0): moves[0],
        TopicPartition("runs", 1): moves[1],
    }
    assert await documents.checkpoints("v2") == {TopicPartition("runs", 0): moves[2]}
    assert await documents.checkpoints("v3") == {}


async def test_a_checkpoint_moves_forward_and_may_stay(documents: Documents) -> None:
    for offset in (3, 3, 10, 1 << 47):
        await documents.commit([], [checkpoint(offset)])
        assert (await documents.checkpoints("v1"))[TopicPartition("runs", 0)].offset == offset


@pytest.mark.parametrize("move", [checkpoint(8), checkpoint(20, generation=2), checkpoint(20, generation=0)])
async def test_a_checkpoint_that_goes_back_or_to_another_generation_undoes_its_commit(
    documents: Documents, move: Checkpoint
) -> None:
    await documents.commit([Put("things", thing(5))], [checkpoint(9)])
    with pytest.raises(LogMismatch):
        await documents.commit([Put("things", thing(6)), Put("things", thing(1, id="b"))], [move])
    assert await versions(documents, "a", "b") == {"a": 5}
    assert await documents.checkpoints("v1") == {TopicPartition("runs", 0): checkpoint(9)}


async def test_checkpoints_of_one_commit_are_judged_in_their_order(documents: Documents) -> None:
    await documents.commit([], [checkpoint(3), checkpoint(4)])
    with pytest.raises(LogMismatch):
        await documents.commit([], [checkpoint(6), checkpoint(5)])
    assert await documents.checkpoints("v1") == {TopicPartition("runs", 0): checkpoint(4)}


async def test_dropping_takes_collections_and_the_views_checkpoints_alone(documents: Documents) -> None:
    await documents.ensure({"others": ()})
    await documents.commit(
        [Put("things", thing(1)), Put("others", thing(1))], [checkpoint(1), checkpoint(1, view="v2")]
    )
    await documents.drop(["things", "no_such_collection"], "v1")
    assert await documents.get("things", "a") is None
    assert await documents.checkpoints("v1") == {}
    assert await documents.get("others", "a") == thing(1)
    assert len(await documents.checkpoints("v2")) == 1
    await documents.drop(["others"])
    assert len(await documents.checkpoints("v2")) == 1


async def test_a_dropped_view_may_begin_again_with_another_generation(documents: Documents) -> None:
    await documents.commit([Put("things", thing(9))], [checkpoint(9, generation=3)])
    await documents.drop(["things"], "v1")
    await documents.ensure({"things": ()})
    await documents.commit([Put("things", thing(2))], [checkpoint(0)])
    assert await versions(documents, "a") == {"a": 2}


async def test_a_removal_of_what_matches_spares_the_rest_and_what_is_newer(documents: Documents) -> None:
    await documents.commit(
        [
            Put("things", thing(1, id="a", group="x", plain=1)),
            Put("things", thing(2, id="b", group="x", plain=2)),
            Put("things", thing(9, id="c", group="x", plain=1)),
            Put("things", thing(1, id="d", group="y", plain=1)),
            Put("things", thing(3, id="e", group="x", plain=1)),
        ]
    )
    where = AllOf((Condition("group", "eq", "x"), Condition("plain", "eq", 1)))
    writes: list[Write] = [RemoveMatching("things", where, 3), RemoveMatching("no_such_collection", where, 3)]
    for _ in range(2):
        await documents.commit(writes)
        assert await versions(documents, "a", "b", "c", "d", "e") == {"b": 2, "c": 9, "d": 1}


async def test_a_removal_of_what_matches_keeps_its_place_among_the_writes(documents: Documents) -> None:
    group = Condition("group", "eq", "x")
    await documents.commit(
        [
            Put("things", thing(1, id="before", group="x")),
            RemoveMatching("things", group, 5),
            Put("things", thing(2, id="after", group="x")),
            Put("things", thing(2, id="other", group="y")),
        ]
    )
    assert await versions(documents, "before", "after", "other") == {"after": 2, "other": 2}
