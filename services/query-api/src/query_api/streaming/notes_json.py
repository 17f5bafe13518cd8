"""Rows 10 and 49 as JSON in pieces."""

from collections.abc import AsyncGenerator

import msgspec

from contracts.rest.notes import Note
from query_api.streaming.json_arrays import json_array


def notes_json(parts: AsyncGenerator[list[Note], None]) -> AsyncGenerator[bytes, None]:
    """An array of notes. Raises as the parts do."""
    return json_array(parts, lambda before, note: (before + msgspec.json.encode(note),))
