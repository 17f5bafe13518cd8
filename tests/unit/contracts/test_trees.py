"""Free-form values."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import ValidationFailed
from contracts.events import Series
from contracts.trees import MAX_DEPTH, MAX_LEAVES, canonical_json, clean_text, clean_tree, pack, unpack

trees: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**90), 2**90) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.integers(-(2**63), 2**63 - 1), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(trees)
def test_a_tree_comes_back_with_the_types_it_had(tree: Any) -> None:
    assert repr(unpack(pack(tree))) == repr(tree)


@settings(deadline=None)
@given(trees)
def test_a_clean_tree_is_left_as_it_is(tree: Any) -> None:
    assert repr(clean_tree(tree)) == repr(tree)


def test_nan_and_infinities_come_back() -> None:
    back = unpack(pack([math.nan, math.inf, -math.inf, -0.0]))
    assert [repr(one) for one in back] == ["nan", "inf", "-inf", "-0.0"]


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**40, -(10**40)])
def test_integers_of_any_size_come_back(number: int) -> None:
    assert unpack(pack({"n": [number, 1.0]})) == {"n": [number, 1.0]}


def test_a_struct_with_an_integer_beyond_64_bits_is_packed_as_without() -> None:
    class Pair(msgspec.Struct):
        name: str
        data: bytes
        value: Any

    pair = Pair("n", b"\x00\xff", {3: [2**100]})
    assert unpack(pack(pair), Pair) == pair


def test_an_unknown_extension_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        unpack(msgspec.msgpack.encode(msgspec.msgpack.Ext(9, b"x")))


def test_tuples_become_lists_and_lone_surrogates_the_replacement_character() -> None:
    assert clean_tree({"a\ud800": (1, ("x\udfff",))}) == {"a\ufffd": [1, ["x\ufffd"]]}
    assert clean_text("\ud83d\ude00") == "\U0001f600"
    assert clean_text("plain") == "plain"


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), {"a": [b""]}, 1j])
def test_other_types_are_refused(value: Any) -> None:
    with pytest.raises(ValidationFailed):
        clean_tree(value)


@pytest.mark.parametrize("key", [1.5, None, True, (1,), 2**63, -(2**63) - 1])
def test_other_keys_are_refused(key: Any) -> None:
    with pytest.raises(ValidationFailed):
        clean_tree({key: 1})


def test_depth_and_size_are_bounded() -> None:
    def nested(levels: int) -> Any:
        tree: Any = 1
        for _ in range(levels):
            tree = [tree]
        return tree

    assert clean_tree(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(ValidationFailed):
        clean_tree(nested(MAX_DEPTH + 1))
    with pytest.raises(ValidationFailed):
        clean_tree([0] * MAX_LEAVES)
    with pytest.raises(ValidationFailed):
        clean_tree([[]] * MAX_LEAVES)


def test_canonical_text_does_not_know_the_order_of_keys() -> None:
    assert canonical_json({"b": {"y": 1, "x": 2}, "a": "ü"}) == '{"a":"ü","b":{"x":2,"y":1}}'
    assert canonical_json({"a": 1}) != canonical_json({"a": 1.5})
    assert canonical_json({"a": 1}) != canonical_json({"a": "1"})


def test_integers_beyond_64_bits_survive_in_the_context_of_a_series() -> None:
    series = (Series("loss", {"seed": 1 << 70}),)
    assert unpack(pack(series), tuple[Series, ...]) == series
