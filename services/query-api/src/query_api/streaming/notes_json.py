"""Rows 10 and 49 as JSON in pieces: many long notes may be larger than there is memory for."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from contracts.rest.notes import Note
from query_api.streaming.chunks import FLUSH, letting_go


async def notes_json(parts: AsyncGenerator[list[Note], None]) -> AsyncGenerator[bytes, None]:
    """An array of notes. Raises as the parts do."""
    opened = False
    async with aclosing(parts):
        async for part in parts:
            for note in letting_go(part):
                yield (b"," if opened else b"[") + msgspec.json.encode(note)
                opened = True
            yield FLUSH
    yield b"]" if opened else b"[]"
