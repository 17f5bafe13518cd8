"""What one request, one message and one value may be at most; lengths of names and texts: `contracts.rest.bounds`."""

MAX_MESSAGES = 1_000_000
"""Messages of one request; a body of 64 MiB holds fewer sensible ones."""

MAX_CONTEXT_BYTES = 8 << 10
"""A context's canonical JSON."""

MAX_SERIES_TABLE_BYTES = 256 << 10
"""Names and contexts of one event; together with its points they stay under a record's limit."""

MAX_BATCH_ID = 256
"""Characters of an Idempotency-Key."""

MAX_FUTURE_SECONDS = 86_400.0
"""A client's time further ahead of ours than a day is replaced by ours."""
