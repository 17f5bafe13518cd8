"""Times as JSON answers show them where the contract asks for text."""

from datetime import UTC, datetime


def iso_utc(seconds: float) -> str:
    """ISO 8601 of seconds UTC, with six fractional digits and `Z`: `2025-03-01T10:15:30.123456Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
