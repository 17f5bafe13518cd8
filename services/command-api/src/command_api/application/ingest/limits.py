"""What one request, one message and one value may be at most.

Lengths of names and texts: `contracts.rest.bounds`; sizes of contexts: `contracts.contexts`.
"""

from contracts.topics import MAX_RECORD_BYTES

MAX_MESSAGES = 1_000_000
"""Messages of one request; a body of 64 MiB holds fewer sensible ones."""

MAX_NAMED = 1_000
"""Different tags and experiments that one request may name: each may have to be created."""

MAX_EVENT_BYTES = MAX_RECORD_BYTES - 4_096
"""Of an event without its header: ids of at most 1 KiB each, the actor, times."""

MAX_SERIES_TABLE_BYTES = 256 << 10
"""Names and contexts of one event; together with its points they stay under a record's limit."""

MAX_DTYPE = 64
"""Characters of a type name; what is longer is cut."""

MAX_BATCH_ID = 256
"""Characters of an Idempotency-Key."""

MAX_PART_BYTES = 512 << 10
"""What a row of objects, a log record, or a part of a large object of params may be: two of them fill an event."""

MAX_ROWS_PER_EVENT = 16_384
"""Rows of objects, lines or records; each costs the fold some microseconds."""

MAX_CAPTION = 64 << 10
"""Characters of a caption; with a list of them a row would still be too large."""

MAX_FUTURE_SECONDS = 86_400.0
"""A client's time further ahead of ours than a day is replaced by ours."""

EARLIEST_SECONDS = -2_208_988_800.0
"""1900 in UTC: a time before it is a clock's error too, and calendars end not far below."""
