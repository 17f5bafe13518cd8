from stores.documents.mongo_queries import segments
from stores.documents.port import Condition, Put, Remove, RemoveMatching, Write


def put(collection: str, id: str, version: int = 1) -> Put:
    return Put(collection, {"_id": id, "_v": version})


def test_a_segment_ends_with_its_collection_or_before_an_id_returns() -> None:
    writes: list[Write] = [
        put("runs", "a"),
        put("runs", "b"),
        put("runs", "a", 2),
        Remove("runs", "c", 1),
        put("history", "a"),
        put("runs", "a", 3),
        Remove("runs", "a", 4),
    ]
    assert list(segments(writes)) == [
        ("runs", writes[0:2]),
        ("runs", writes[2:4]),
        ("history", writes[4:5]),
        ("runs", writes[5:6]),
        ("runs", writes[6:7]),
    ]


def test_nothing_to_write_is_no_segment() -> None:
    assert list(segments([])) == []


def test_a_removal_of_what_matches_is_a_segment_of_its_own() -> None:
    removal = RemoveMatching("runs", Condition("run_id", "eq", "a"), 1)
    writes: list[Write] = [put("runs", "a"), removal, removal, put("runs", "b")]
    assert list(segments(writes)) == [("runs", [each]) for each in writes]
