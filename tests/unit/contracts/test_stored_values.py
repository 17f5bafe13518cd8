"""Claim checks in trees."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Header, Recorded, decode, encode
from contracts.errors import ValidationFailed
from contracts.events import ParamsSet
from contracts.trees import (
    StoredValue,
    Tree,
    clean_tree,
    content_hash,
    pack,
    pack_and_list,
    set_aside,
    stored_values,
    unpack,
    with_values,
)

CLAIM, DATA = set_aside("a large text")
OTHER, _ = set_aside([1, 2, 3])


def test_a_claim_names_its_content() -> None:
    assert StoredValue(hashlib.sha256(DATA).hexdigest(), len(DATA), "str") == CLAIM
    assert CLAIM.hash == content_hash(DATA)
    assert unpack(DATA) == "a large text"
    assert (OTHER.kind, set_aside({})[0].kind, set_aside(b"")[0].kind) == ("list", "dict", "bytes")


def test_claims_are_equal_by_what_they_say() -> None:
    assert StoredValue("00" * 32, 1, "str") == StoredValue("00" * 32, 1, "str") != StoredValue("00" * 32, 2, "str")
    assert len({CLAIM, set_aside("a large text")[0], OTHER}) == 2
    assert CLAIM != "a large text"
    assert CLAIM.hash in repr(CLAIM)


@pytest.mark.parametrize("beside", [1, 1 << 80, -(1 << 90)])
def test_a_claim_survives_packing_beside_integers_of_any_size(beside: int) -> None:
    tree = {"a": [CLAIM, {7: OTHER}], "b": beside}
    assert unpack(pack(tree)) == tree
    packed, found = pack_and_list(tree)
    assert (packed, found) == (pack(tree), [CLAIM, OTHER])


def test_a_claim_survives_the_log() -> None:
    event = ParamsSet(path=("a",), value={"b": CLAIM, "c": 1 << 70})
    record = Recorded(header=Header(id="1", key="run", recorded_at=1.0), event=event)
    assert decode(encode(record)) == record


def test_no_client_can_send_one() -> None:
    sent = unpack(pack({"a": CLAIM}))
    with pytest.raises(ValidationFailed, match="may not hold StoredValue"):
        clean_tree(sent)


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(TypeError, match="may not hold object"):
        pack([object()])


@pytest.mark.parametrize("extension", [msgspec.msgpack.Ext(2, b"short"), msgspec.msgpack.Ext(3, b"x" * 50)])
def test_an_extension_that_is_none_of_ours_cannot_be_read(extension: msgspec.msgpack.Ext) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown extension"):
        unpack(msgspec.msgpack.encode(extension))


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just(CLAIM)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(-9, 9), inner), max_leaves=20
)


@given(trees)
def test_every_tree_survives_packing_and_its_claims_are_found(tree: Tree) -> None:
    packed, found = pack_and_list(tree)
    assert unpack(packed) == tree
    assert set(found) == set(stored_values(tree))
    whole = with_values(tree, {CLAIM: "a large text"})
    assert list(stored_values(whole)) == []
    assert pack_and_list(whole)[1] == []


def test_a_claim_without_its_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        with_values([CLAIM], {})
