"""Frames become chunks that are worth sending, and nothing gets lost on the way."""

from collections.abc import AsyncGenerator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from query_api.streaming.chunks import FLUSH, LARGEST, SMALLEST, in_chunks, letting_go

_frames = st.lists(st.integers(0, 3 * LARGEST).map(lambda size: bytes([size % 251]) * size), max_size=8)


async def _source(frames: Sequence[bytes]) -> AsyncGenerator[bytes, None]:
    for frame in frames:
        yield frame


async def _chunks(*frames: bytes) -> list[bytes]:
    return [chunk async for chunk in in_chunks(_source(frames))]


@given(_frames)
async def test_chunks_hold_all_bytes_in_order_and_none_is_too_large_or_empty(frames: list[bytes]) -> None:
    chunks = await _chunks(*frames)
    assert b"".join(chunks) == b"".join(frames)
    assert all(0 < len(chunk) <= LARGEST for chunk in chunks)


async def test_the_first_frame_leaves_at_once_and_later_ones_gather() -> None:
    chunks = await _chunks(b"first", *[b"x" * 1_000] * 100)
    assert chunks[0] == b"first"
    assert all(len(chunk) >= SMALLEST for chunk in chunks[1:-1])


async def test_a_flush_sends_what_is_there() -> None:
    assert await _chunks(b"a", b"b", b"c", FLUSH, b"d", FLUSH, FLUSH) == [b"a", b"bc", b"d"]


async def test_leaving_early_closes_the_source() -> None:
    closed = []

    async def source() -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(1_000):
                yield b"x" * LARGEST
        finally:
            closed.append(True)

    chunks = in_chunks(source())
    await anext(chunks)
    await chunks.aclose()
    assert closed == [True]


def test_what_was_taken_is_let_go() -> None:
    items = [1, 2, 3]
    left = [(item, sorted(items)) for item in letting_go(items)]
    assert left == [(1, [2, 3]), (2, [3]), (3, [])]
