"""Positions order everything of one run; tokens come back as they were made, and nothing else is taken for one."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import BadRequest
from contracts.position import Position, TopicPartition, decode_token, encode_token
from contracts.topics import CATALOG, RUNS

positions = st.builds(
    Position,
    st.integers(1, 1 << 14),
    st.sampled_from([RUNS, CATALOG]),
    st.integers(0, 11),
    st.integers(0, (1 << 48) - 1),
)


def at(offset: int, *, partition: int = 0, generation: int = 1, topic: str = RUNS) -> Position:
    return Position(generation, topic, partition, offset)


def test_a_version_holds_generation_and_offset() -> None:
    assert at(5).version == (1 << 48) + 5
    assert at(0, generation=3).version == 3 << 48


@given(positions, positions)
def test_versions_order_by_generation_then_offset_and_fit_signed_64_bits(a: Position, b: Position) -> None:
    assert (a.version < b.version) == ((a.generation, a.offset) < (b.generation, b.offset))
    assert 0 < a.version < 1 << 63


def test_a_position_knows_its_partition() -> None:
    assert at(5, partition=7).topic_partition == TopicPartition(RUNS, 7)


@given(st.lists(positions, max_size=20))
def test_a_token_holds_the_last_position_of_each_partition(written: list[Position]) -> None:
    last = {p.topic_partition: max(q for q in written if q.topic_partition == p.topic_partition) for p in written}
    assert decode_token(encode_token(written)) == sorted(last.values())


def test_a_token_is_the_same_whatever_the_order() -> None:
    written = [at(5), at(9, partition=2), at(7), at(1, topic=CATALOG)]
    assert encode_token(written) == encode_token(reversed(written))
    assert len(decode_token(encode_token(written))) == 3


@given(st.lists(positions, min_size=1, max_size=20))
def test_a_token_is_safe_in_urls_and_headers(written: list[Position]) -> None:
    assert encode_token(written).replace("-", "").replace("_", "").isalnum()


def as_token(content: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(content)).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "not a token",
        "é",
        "\ud800",
        "!!!!",
        "A" * 100_000,
        as_token(5),
        as_token([[1, RUNS, 0]]),
        as_token([["1", RUNS, 0, 5]]),
        as_token([at(5)]) + "AAAA",
    ],
)
def test_anything_else_is_a_bad_request(token: str) -> None:
    with pytest.raises(BadRequest):
        decode_token(token)
