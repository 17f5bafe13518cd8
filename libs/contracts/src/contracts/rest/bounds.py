"""How long texts may be that clients and users give, wherever they come in."""

from typing import Annotated

import msgspec

MAX_NAME = 1_024
"""Characters of a metric's, tag's, experiment's or run's name."""

MAX_TEXT = 256 << 10
"""Characters of a description."""

MAX_NOTE_BYTES = 16 << 20
"""Bytes of a note in UTF-8."""

MAX_SERIES_ASKED = 100_000
"""Series, runs and references that one request may name one by one."""

Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
"""A name as it came in: it may be empty after trimming, which is for the command to judge."""

Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]

Note = Annotated[str, msgspec.Meta(max_length=MAX_NOTE_BYTES)]
"""A note as it came in: its bytes are for the command to count."""
