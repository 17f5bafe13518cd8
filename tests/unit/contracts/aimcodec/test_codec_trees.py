"""Rules of trees and of their framing."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.aimcodec.arrays import NumericArray, is_numeric_array, read_numeric_array
from contracts.aimcodec.errors import CorruptRecords, UnsupportedValue
from contracts.aimcodec.paths import encode_path
from contracts.aimcodec.progress import encode_progress
from contracts.aimcodec.reader import items, page_faults
from contracts.aimcodec.records import (
    RecordDecoder,
    decode_flagged_records,
    decode_records,
    encode_flagged_tree,
    encode_records,
    encode_tree,
)
from contracts.aimcodec.trees import Blob, TypedObject, flatten, fold
from contracts.aimcodec.values import encode_value

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
KEYS = TEXT.filter(bool) | st.integers(0, (1 << 31) - 1)
SCALARS = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | TEXT | st.binary(max_size=8)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=25
)
FRAMES = st.lists(st.tuples(TEXT.filter(bool), TREES), max_size=5, unique_by=lambda frame: frame[0])

WORKED_EXAMPLE = """
0e000000 7231fe70726f7073fe6e616d65fe 03000000 04c2b5
10000000 7231fe70726f7073fe616374697665fe 02000000 0101
12000000 7231fe70726f7073fe656e645f74696d65fe 01000000 00
0a000000 7231fe747261636573fe 01000000 06
19000000 7231fe747261636573fefe0000000000000000fe6e616d65fe 05000000 046c6f7373
1f000000 7231fe747261636573fefe0000000000000000fe6974657273fe74797065fe 06000000 046e756d7079
20000000 7231fe747261636573fefe0000000000000000fe6974657273fe7368617065fe 09000000 020200000000000000
20000000 7231fe747261636573fefe0000000000000000fe6974657273fe6474797065fe 08000000 04666c6f61743634
1f000000 7231fe747261636573fefe0000000000000000fe6974657273fe626c6f62fe 11000000 050000000000000000000000000000f83f
0a000000 7231fe706172616d73fe 01000000 07
0b000000 70726f67726573735f30fe 01000000 06
15000000 70726f67726573735f30fefe0000000000000000fe 09000000 020100000000000000
15000000 70726f67726573735f30fefe0000000000000001fe 09000000 020400000000000000
"""


def _same_types(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same_types(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same_types, one, other))
    return bool(one == other)


def _run() -> dict[str, Any]:
    trace = {"name": "loss", "iters": NumericArray([0.0, 1.5])}
    return {"r1": {"props": {"name": "µ", "active": True, "end_time": None}, "traces": [trace], "params": {}}}


def test_the_worked_example_is_met_to_the_byte() -> None:
    assert encode_tree(_run()) + encode_progress(0, 1, 4) == bytes.fromhex(WORKED_EXAMPLE)


@given(TREES)
def test_a_tree_comes_back_with_its_types(tree: object) -> None:
    assert _same_types(fold(flatten(tree)), tree)


@given(TREES, st.lists(KEYS, max_size=3))
def test_both_ways_to_encode_a_tree_agree(tree: object, path: list[str | int]) -> None:
    assert encode_tree(tree, path) == encode_records(flatten(tree, encode_path(path)))


@given(FRAMES)
def test_a_stream_has_its_frames_as_items_and_breaks_no_page(frames: list[tuple[str, Any]]) -> None:
    body = b"".join(encode_tree({key: tree}) for key, tree in frames)
    assert _same_types([list(item) for item in items(body)], [list(frame) for frame in frames])
    assert page_faults(body) == []


@given(FRAMES, st.lists(st.integers(0, 400)))
def test_records_are_the_same_for_any_chunk_border(frames: list[tuple[str, Any]], borders: list[int]) -> None:
    body = b"".join(encode_tree({key: tree}) for key, tree in frames)
    edges = sorted({0, len(body), *(border for border in borders if border < len(body))})
    chunks = [body[start:end] for start, end in pairwise(edges)]
    whole = list(decode_records([body]))
    assert list(decode_records(chunks)) == whole
    assert list(decode_records(body[at : at + 1] for at in range(len(body)))) == whole
    assert encode_records(whole) == body


def test_a_stream_cut_inside_a_record_is_corrupt_and_between_records_is_not() -> None:
    body = encode_tree({"a": 1}) + encode_tree({"b": "x"})
    first = len(encode_tree({"a": 1}))
    for end in range(len(body)):
        reading = decode_records([body[:end]])
        if end in {0, first}:
            assert len(list(reading)) == end // first
        else:
            with pytest.raises(CorruptRecords):
                list(reading)


def test_a_decoder_that_is_fed_gives_records_as_they_become_complete() -> None:
    decoder = RecordDecoder()
    body = encode_tree({"a": 1})
    assert decoder.feed(body[:-1]) == []
    assert decoder.feed(body[-1:] + body[:3]) == [(b"a\xfe", encode_value(1))]
    with pytest.raises(CorruptRecords, match="inside a record"):
        decoder.close()


def test_only_an_empty_tree_has_a_record_at_the_root() -> None:
    assert encode_tree({}) == bytes.fromhex("00000000 01000000 07")
    assert items(encode_tree({})) == items(b"") == []
    assert fold(flatten({})) == {}


def test_tuples_and_generators_are_arrays() -> None:
    assert fold(flatten(((value for value in (1, 2)), ()))) == [[1, 2], []]
    assert items(encode_tree({"a": ((value for value in (1, 2)), ())})) == [("a", [[1, 2], []])]


def test_a_long_array_keeps_its_order() -> None:
    numbers = list(range(3000))
    assert items(encode_tree({"a": numbers})) == [("a", numbers)]


def test_a_tree_may_be_deeper_than_the_interpreter_s_stack() -> None:
    tree: Any = 1
    for _ in range(2000):
        tree = {"k": tree}
    body = encode_tree(tree)
    assert body == encode_records(flatten(tree))
    deepest = fold(decode_records([body]))
    for _ in range(2000):
        deepest = deepest["k"]
    assert deepest == 1


def test_an_integer_key_that_browsers_misread_is_sent_as_text_but_kept_for_the_sdk() -> None:
    tree = {"p": {-1: "a", 1 << 31: "b", 7: "c"}}
    assert items(encode_tree(tree)) == [("p", {"-1": "a", str(1 << 31): "b", 7: "c"})]
    assert fold(flatten(tree)) == tree


@pytest.mark.parametrize("tree", [{"a": object()}, {1.5: 1}, [{None: 1}], {"a": {1, 2}}])
def test_what_has_no_form_is_refused_by_both_ways(tree: object) -> None:
    with pytest.raises(UnsupportedValue):
        encode_tree(tree)
    with pytest.raises(UnsupportedValue):
        list(flatten(tree))


@pytest.mark.parametrize("tree", [TypedObject("aim.image", {"format": "png"}), Blob(b"x")])
def test_browsers_are_never_sent_what_only_the_sdk_knows(tree: object) -> None:
    with pytest.raises(UnsupportedValue):
        encode_tree({"a": tree})


def test_objects_of_the_sdk_come_back_with_their_type_and_members() -> None:
    image = TypedObject("aim.image", {"format": "png", "data": b"x"})
    assert fold(flatten({"val": [image, image]})) == {"val": [image, image]}


def test_only_blobs_carry_the_flag() -> None:
    body = encode_flagged_tree(TypedObject("aim.text", {"data": Blob("long"), "n": 1}))
    records = list(decode_flagged_records(body[at : at + 1] for at in range(len(body))))
    assert [(key, flag) for key, flag, _ in records] == [(b"", False), (b"data\xfe", True), (b"n\xfe", False)]
    assert fold((key, value) for key, _, value in records) == TypedObject("aim.text", {"data": "long", "n": 1})
    assert body.startswith(bytes.fromhex("00000000 00 09000000 0f") + b"aim.text")
    with pytest.raises(CorruptRecords):
        list(decode_flagged_records([body[:-1]]))


def test_folding_fills_gaps_and_makes_missing_parents() -> None:
    records = [((0,), b"\x06"), ((0, 2), encode_value(5)), (("a", "b"), encode_value(1)), (("a", "c"), b"\x07")]
    assert fold((encode_path(path), value) for path, value in records) == {0: [None, None, 5], "a": {"b": 1, "c": {}}}


def test_folding_lets_the_later_record_win() -> None:
    records = [(("a",), encode_value(1)), (("a", "b"), encode_value(2)), (("a", "b"), encode_value(3))]
    assert fold((encode_path(path), value) for path, value in records) == {"a": {"b": 3}}


@pytest.mark.parametrize("index", ["x", -1, 1 << 40])
def test_an_array_takes_no_index_that_is_none(index: str | int) -> None:
    with pytest.raises(CorruptRecords):
        fold([(b"", b"\x06"), (encode_path((index,)), b"\x00")])


def test_no_records_make_no_tree() -> None:
    with pytest.raises(CorruptRecords):
        fold([])


@given(st.lists(st.floats()))
def test_a_numeric_array_comes_back_to_the_bit(numbers: list[float]) -> None:
    array = NumericArray(numbers)
    body = encode_tree({"a": array})
    assert body == encode_records(flatten({"a": array}))
    ((_, node),) = items(body)
    assert is_numeric_array(node)
    assert node["shape"] == len(array) == len(numbers)
    assert NumericArray(read_numeric_array(node)) == array


def test_other_numbers_are_converted_and_missing_ones_are_nan() -> None:
    assert NumericArray(np.array([True, False])).values.tolist() == [1.0, 0.0]
    assert NumericArray(np.arange(6)[::2]).values.tolist() == [0.0, 2.0, 4.0]
    one, missing = NumericArray(np.array([1, None])).values
    assert (one, math.isnan(missing)) == (1.0, True)


def test_doubles_are_not_copied() -> None:
    numbers = np.zeros(4)
    assert NumericArray(numbers).values is numbers


def test_a_numeric_array_has_one_dimension() -> None:
    with pytest.raises(UnsupportedValue):
        NumericArray(np.zeros((2, 2)))


@pytest.mark.parametrize(
    "node",
    [
        {},
        {"type": "numpy", "shape": 2, "dtype": "float64", "blob": bytes(8)},
        {"type": "numpy", "shape": 1, "dtype": "int64", "blob": bytes(8)},
    ],
)
def test_a_wrong_numeric_array_is_corrupt(node: dict[str, Any]) -> None:
    with pytest.raises(CorruptRecords):
        read_numeric_array(node)
