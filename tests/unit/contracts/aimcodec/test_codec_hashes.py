"""Rules of the hashes that name contexts and order steps."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.aimcodec.errors import UnsupportedValue
from contracts.aimcodec.hashes import hash_array, hash_bytes, hash_number, hash_object, hash_text, hash_value

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "aim-codec" / "hash_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("step", "expected"), VECTORS["step"].items())
def test_recorded_steps_hash_as_recorded(step: str, expected: int) -> None:
    assert hash_number(int(step)) == expected


@pytest.mark.parametrize(("value", "expected"), VECTORS["context"] + VECTORS["other"])
def test_recorded_values_hash_as_recorded(value: Any, expected: int) -> None:
    assert hash_value(value) == expected


@given(st.dictionaries(st.text() | st.integers(), st.integers() | st.text() | st.none()))
def test_the_order_of_keys_does_not_matter(members: dict[Any, Any]) -> None:
    assert hash_object(members) == hash_object(dict(reversed(members.items())))


@given(st.integers(-(1 << 53), 1 << 53))
def test_equal_numbers_hash_alike(number: int) -> None:
    assert hash_number(number) == hash_number(float(number))


def test_minus_one_and_minus_two_differ() -> None:
    assert hash_number(-1) != hash_number(-2)


def test_every_number_has_one_hash() -> None:
    assert hash_number(math.nan) == hash_number(float("nan"))
    assert hash_number(10**400) == hash_number(math.inf)


def test_kinds_of_values_are_kept_apart() -> None:
    assert len({hash_text(""), hash_bytes(b""), hash_array([]), hash_object({}), hash_number(0), hash_value(None)}) == 6
    assert hash_value(("a", b"x")) == hash_array(["a", b"x"])


def test_what_has_no_hash_is_refused() -> None:
    with pytest.raises(UnsupportedValue):
        hash_value(object())
