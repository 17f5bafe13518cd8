"""Rules of whole streams, of progress frames, and of what breaks a page."""

import pytest

from contracts.aimcodec.errors import CorruptRecords
from contracts.aimcodec.paths import encode_path
from contracts.aimcodec.progress import encode_progress, is_progress_key
from contracts.aimcodec.reader import items, page_faults
from contracts.aimcodec.records import encode_records, encode_tree
from contracts.aimcodec.values import encode_typed_opener, encode_value

Record = tuple[tuple[str | int, ...], bytes]
ARRAY, OBJECT, ONE = b"\x06", b"\x07", encode_value(1)


def _body(*records: Record) -> bytes:
    return encode_records((encode_path(path), value) for path, value in records)


def test_records_of_one_key_with_nothing_between_are_one_item() -> None:
    assert items(encode_tree({"r": {"a": 1}}) + encode_tree({"r": {"b": 2}})) == [("r", {"a": 1, "b": 2})]


def test_a_key_that_opens_again_is_a_second_item() -> None:
    assert items(encode_tree({"t": b"x"}) * 2) == [("t", b"x"), ("t", b"x")]
    assert items(encode_tree({"t": [1]}) * 2) == [("t", [1]), ("t", [1])]


def test_a_key_after_another_one_is_an_item_of_its_own() -> None:
    body = encode_tree(1, ("name",)) + encode_tree(2, ("values",)) + encode_tree(3, ("name",))
    assert items(body) == [("name", 1), ("values", 2), ("name", 3)]


def test_a_stream_has_no_scalar_at_its_root() -> None:
    with pytest.raises(CorruptRecords):
        items(encode_tree(1))


@pytest.mark.parametrize(
    ("records", "fault"),
    [
        ([(("t",), ONE), (("t",), ONE)], "comes after its own record"),
        ([(("r", "a"), ONE), (("r", "a"), ONE)], "comes after its own record"),
        ([(("r", "a", 0), ONE), (("r", "a"), ARRAY)], "comes after its own record or members"),
        ([(("r", "a"), ARRAY), (("r", "a", 1), ONE), (("r", "a", 0), ONE)], "does not rise"),
        ([(("r", "a"), ARRAY), (("r", "a", "x"), ONE)], "no index"),
        ([(("r", "a", "x"), ONE), (("r", "b"), ONE), (("r", "a", "y"), ONE)], "was left before"),
        ([(("r", "a"), ONE), (("r", "a", "x"), ONE)], "below a scalar"),
        ([(("r", -1), ONE)], "misread"),
        ([(("r", 1 << 31), ONE)], "misread"),
        ([(("r", "a"), encode_typed_opener("aim.image"))], "aim.image"),
    ],
)
def test_an_order_that_breaks_a_page_is_found(records: list[Record], fault: str) -> None:
    assert any(fault in found for found in page_faults(_body(*records)))


@pytest.mark.parametrize(
    "records",
    [
        [(("r",), OBJECT), (("r", "a"), ONE)],
        [(("r",), ARRAY), (("r", 0), ONE), (("r",), ARRAY), (("r", 0), ONE)],
        [(("r", "a"), ARRAY), (("r", "a", 0), ARRAY), (("r", "a", 0, 0), ONE), (("r", "a", 3), ONE)],
        [(("name",), ONE), (("iters",), ARRAY), (("name",), ONE), (("iters",), ARRAY)],
        [((0,), ONE), ((1,), ONE), ((0,), ONE)],
    ],
)
def test_an_order_that_a_page_can_read_is_no_fault(records: list[Record]) -> None:
    assert page_faults(_body(*records)) == []


def test_progress_is_a_pair_below_a_counted_key() -> None:
    assert items(encode_progress(3, 5, 9)) == [("progress_3", [5, 9])]
    assert is_progress_key("progress_3")
    assert not is_progress_key("3")
    assert not is_progress_key(3)
