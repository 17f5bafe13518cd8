import struct

import numpy as np
import pytest

from stores.columns.native import NativeError, TextColumn, decode_blocks, encode_block


def test_numbers_come_back() -> None:
    columns = {
        "u": np.array([0, (1 << 64) - 1], np.uint64),
        "i": np.array([-(1 << 63), (1 << 63) - 1]),
        "f": np.array([np.nan, -0.0]),
    }
    decoded = decode_blocks(encode_block(columns))
    assert list(decoded) == list(columns)
    for name, column in columns.items():
        found = decoded[name]
        assert isinstance(found, np.ndarray)
        assert found.dtype == column.dtype
        assert found.tobytes() == column.tobytes()


def test_columns_that_are_not_contiguous_are_written_as_they_read() -> None:
    numbers = np.arange(10)[::2]
    found = decode_blocks(encode_block({"i": numbers}))["i"]
    np.testing.assert_array_equal(np.asarray(found), numbers)


def test_texts_are_written_as_length_and_bytes() -> None:
    long = "é" * 100
    assert encode_block({"t": ["a", "", long, "a"]}) == (
        b"\x01\x04\x01t\x06String" + b"\x01a" + b"\x00" + b"\xc8\x01" + long.encode() + b"\x01a"
    )


def test_blocks_are_joined() -> None:
    blocks = encode_block({"i": np.arange(3)}) + encode_block({"i": np.arange(2)})
    np.testing.assert_array_equal(np.asarray(decode_blocks(blocks)["i"]), [0, 1, 2, 0, 1])
    assert decode_blocks(b"") == {}


def dictionary_block(texts: list[str], codes: list[int], *, flags: int = 0x600, version: int = 1) -> bytes:
    keys = b"".join(bytes([len(text)]) + text.encode() for text in texts)
    head = bytes([1, len(codes)]) + b"\x04name" + b"\x16LowCardinality(String)"
    if not codes:
        return head
    body = struct.pack("<QQQ", version, flags, len(texts)) + keys + struct.pack("<Q", len(codes)) + bytes(codes)
    return head + body


def test_dictionaries_of_several_blocks_are_joined() -> None:
    decoded = decode_blocks(
        dictionary_block(["", "a"], [1, 1]) + dictionary_block([], []) + dictionary_block(["", "b", "a"], [2, 1])
    )["name"]
    assert isinstance(decoded, TextColumn)
    assert [decoded.texts[code] for code in decoded.codes.tolist()] == ["a", "a", "a", "b"]


@pytest.mark.parametrize(
    "data",
    [
        encode_block({"i": np.arange(3)})[:-1],
        b"\x01",
        b"\x01\x01\x01t\x04Date\x00\x00",
        dictionary_block(["a"], [0], version=2),
        dictionary_block(["a"], [0], flags=0x700),
        dictionary_block(["a"], [0], flags=0x400),
    ],
    ids=["cut off", "no rows", "other type", "other version", "shared keys", "no keys"],
)
def test_what_is_not_known_is_refused(data: bytes) -> None:
    with pytest.raises(NativeError):
        decode_blocks(data)


def test_bytes_of_any_kind_are_written_as_texts_and_read_back() -> None:
    payloads = [b"", b"\xff\x00", b"x" * 300, b"x" * 20_000]
    block = encode_block({"payload": payloads, "step": np.arange(4)})
    assert decode_blocks(block)["payload"] == payloads
    assert decode_blocks(block + block)["payload"] == payloads * 2


def test_an_answer_that_ends_within_a_text_is_refused() -> None:
    block = encode_block({"payload": [b"abc"]})
    with pytest.raises(NativeError):
        decode_blocks(block[:-1])
