"""Identities that are computed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import ValidationFailed
from contracts.keys import (
    batch_key,
    check_run_id,
    context_key,
    data_key,
    run_of_sequence_upload,
    sequence_upload_place,
    upload_place,
)


@pytest.mark.parametrize(
    "run_id", ["a", "7c1f0a4be2d94c5f8a61d3b0e9f24c17", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "a.b_c~d-e", "x" * 128]
)
def test_a_run_id_is_kept_as_it_is(run_id: str) -> None:
    assert check_run_id(run_id) == run_id


@pytest.mark.parametrize(
    "run_id", ["", "x" * 129, "a/b", "a b", "ü", ".", "..", "a\n", "progress", "progress_1", "a%20", "a\x00"]
)
def test_other_ids_are_refused(run_id: str) -> None:
    with pytest.raises(ValidationFailed):
        check_run_id(run_id)


def test_keys_never_change() -> None:
    """Rows are stored under these: another value would lose them."""
    assert data_key("run-1", 1) == 0x611C03DA6F9C64B0
    assert context_key({"subset": "train"}) == 0x7F61B7CC33945F0B
    assert batch_key("batch-1") == 0x42263D79EFE64571
    model = "15d442008fc30bee1d28a81d2d926f17005fe428e465c2062627366bf2a68019"
    image = "6a8f3e584b2370ca95426a518ec212810a5e3bf691859c954c21ee49edaad3b1"
    assert upload_place("run-1/model.bin") == f"uploads/run-1/{model}"
    assert upload_place("run-1/seq/i/0.png") == f"uploads/run-1/seq/{image}"


@pytest.mark.parametrize("key", ["r/seq/i/0.png", "r/seq/..", "seq/seq/seq/0"])
def test_the_bytes_of_an_image_are_known_by_their_place(key: str) -> None:
    run_id = key.partition("/")[0]
    assert sequence_upload_place(run_id, key) == upload_place(key)
    assert run_of_sequence_upload(upload_place(key)) == run_id


@pytest.mark.parametrize("key", ["r/model.bin", "r/seq", "r/a/seq/0.png", "seq/0.png", "r/../seq/0.png"])
def test_other_uploads_are_for_no_image(key: str) -> None:
    run_id = key.partition("/")[0]
    assert sequence_upload_place(run_id, key) is None
    assert run_of_sequence_upload(upload_place(key)) is None


def test_no_run_has_the_images_of_another_one() -> None:
    assert sequence_upload_place("r", "other/seq/i/0.png") is None
    assert sequence_upload_place("r", "r2/seq/i/0.png") is None


@settings(deadline=None)
@given(st.text(max_size=20), st.integers(1, 50), st.integers(1, 50))
def test_another_incarnation_has_another_data_key(run_id: str, one: int, other: int) -> None:
    assert (data_key(run_id, one) == data_key(run_id, other)) == (one == other)
    assert 0 <= data_key(run_id, one) < 2**64


def test_the_number_of_an_incarnation_is_no_part_of_an_id() -> None:
    assert data_key("1:a", 1) != data_key("a", 11)


def test_a_context_is_the_same_in_any_order_of_keys() -> None:
    assert context_key({"a": 1, "b": {"c": 2, "d": 3}}) == context_key({"b": {"d": 3, "c": 2}, "a": 1})
    assert context_key({"a": 1}) != context_key({"a": 2})


def test_the_empty_context_is_zero() -> None:
    assert context_key({}) == 0
    assert context_key({"a": None}) != 0
