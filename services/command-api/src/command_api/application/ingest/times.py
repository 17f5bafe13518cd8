"""Times of clients: ISO text or seconds, clamped."""

import math
from datetime import UTC, datetime

from command_api.application.ingest.limits import MAX_FUTURE_SECONDS
from contracts.errors import ValidationFailed


def client_time(given: float | str | None, now: float) -> float:
    """Seconds UTC. None, and what lies more than a day ahead of `now`, become `now`. Text without zone is UTC.

    Raises ValidationFailed for text that is no ISO 8601 time, and for numbers that are not finite.
    """
    if given is None:
        return now
    seconds = _parse(given) if isinstance(given, str) else float(given)
    if not math.isfinite(seconds):
        raise ValidationFailed("a time must be finite")
    return now if seconds > now + MAX_FUTURE_SECONDS else seconds


def _parse(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ValidationFailed(f"{text[:64]!r} is not an ISO 8601 time") from None
