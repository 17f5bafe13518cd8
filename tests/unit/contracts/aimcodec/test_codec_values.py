"""Rules of single values and of keys."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.aimcodec.errors import CorruptRecords, UnsupportedValue
from contracts.aimcodec.paths import decode_path, encode_key, encode_path, member_components
from contracts.aimcodec.values import Opener, TypedOpener, decode_value, encode_typed_opener, encode_value

VECTORS = Path(__file__).parents[3] / "vectors" / "aim-codec" / "codec_vectors.json"
INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def _encoded(vector: dict[str, Any]) -> bytes:
    if "path" in vector:
        return encode_path(vector["path"])
    if "flag" in vector:
        opener: bytes = Opener[vector["flag"].upper()].value
        return opener
    return encode_typed_opener(vector["custom"]) if "custom" in vector else encode_value(vector["value"])


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text(encoding="utf-8")), ids=lambda vector: vector["hex"])
def test_recorded_values_and_paths_are_met_to_the_byte(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    assert _encoded(vector) == data
    if "path" in vector:
        assert decode_path(data) == tuple(vector["path"])
    elif "custom" in vector:
        assert decode_value(data) == TypedOpener(vector["custom"])
    else:
        assert decode_value(data) == vector.get("value", Opener(data) if "flag" in vector else None)


@given(st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | TEXT | st.binary())
def test_a_value_comes_back_with_its_type(value: object) -> None:
    back = decode_value(encode_value(value))
    assert (type(back), back) == (type(value), value)


def test_not_a_number_comes_back() -> None:
    back = decode_value(encode_value(math.nan))
    assert isinstance(back, float)
    assert math.isnan(back)


@pytest.mark.parametrize(
    ("number", "sent"),
    [(1 << 63, float(1 << 63)), (-(1 << 63) - 1, -float(1 << 63)), (10**400, math.inf), (-(10**400), -math.inf)],
)
def test_an_integer_beyond_64_bits_is_sent_as_the_nearest_float(number: int, sent: float) -> None:
    assert decode_value(encode_value(number)) == sent


def test_lone_surrogates_become_replacement_characters_and_pairs_one_character() -> None:
    assert decode_value(encode_value("a\ud83d")) == "a\ufffd"
    assert decode_value(encode_value("\ude42b")) == "\ufffdb"
    assert decode_value(encode_value("\ud83d\ude42")) == "🙂"


def test_numpy_scalars_are_sent_as_what_they_hold() -> None:
    assert [decode_value(encode_value(v)) for v in (np.int64(3), np.float32(0.5), np.bool_(True))] == [3, 0.5, True]


@pytest.mark.parametrize("value", [object(), {}, [], {1}, 1j])
def test_what_is_no_scalar_is_refused(value: object) -> None:
    with pytest.raises(UnsupportedValue):
        encode_value(value)


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x00", b"\x01", b"\x02\x00", b"\x03" + bytes(9), b"\x06\x00", b"\x08", b"\x04\xff"]
)
def test_bytes_that_are_no_value_are_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptRecords):
        decode_value(data)


@given(st.lists(INTEGERS | TEXT.filter(bool)))
def test_a_path_comes_back(path: list[str | int]) -> None:
    assert decode_path(encode_path(path)) == tuple(path)


@pytest.mark.parametrize("data", [b"a", b"\xfe", b"\xfe" + bytes(8), b"\xfe" + bytes(9), b"\xff\xfe", b"a\xfeb"])
def test_a_cut_path_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptRecords):
        decode_path(data)


def test_an_empty_key_is_sent_by_its_stand_in() -> None:
    assert encode_key("") == b"(empty)\xfe"


@pytest.mark.parametrize("key", [None, 1.5, b"a", ("a",)])
def test_keys_are_texts_and_integers_only(key: object) -> None:
    with pytest.raises(UnsupportedValue):
        encode_key(key)
    with pytest.raises(UnsupportedValue):
        member_components([key])


def test_members_whose_keys_would_be_one_component_stay_apart() -> None:
    keys = ["", "(empty)", "\ud83d", "\ufffd", 1 << 64, str(1 << 64), -1, "-1"]
    components = member_components(keys, lowest=0)
    assert len(set(components)) == len(keys)
    assert [decode_path(component)[0] for component in components] == [
        "(empty)",
        "(empty)'",
        "\ufffd",
        "\ufffd'",
        "18446744073709551616",
        "18446744073709551616'",
        "-1",
        "-1'",
    ]
