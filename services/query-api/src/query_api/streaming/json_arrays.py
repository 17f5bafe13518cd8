"""Answers as JSON in pieces: the whole of one may be larger than there is memory for."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import TypeVar

from query_api.streaming.chunks import FLUSH, letting_go

_T = TypeVar("_T")


async def json_array(
    parts: AsyncGenerator[list[_T], None], pieces: Callable[[bytes, _T], Iterable[bytes]]
) -> AsyncGenerator[bytes, None]:
    """An array of what `parts` gives; each part is sent before the next one is read. Raises as `parts` does.

    pieces: one item as JSON, behind the bytes that come before it.
    """
    opened = False
    async with aclosing(parts):
        async for part in parts:
            for item in letting_go(part):
                for piece in pieces(b"," if opened else b"[", item):
                    yield piece
                opened = True
            yield FLUSH
    yield b"]" if opened else b"[]"
