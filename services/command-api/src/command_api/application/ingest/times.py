"""Times of clients: ISO text or seconds, clamped."""

import math
from datetime import UTC, datetime

import numpy as np

from command_api.application.ingest.limits import EARLIEST_SECONDS, MAX_FUTURE_SECONDS
from contracts.errors import ValidationFailed
from contracts.metric_points import Floats


def client_time(given: float | str | None, now: float) -> float:
    """Seconds UTC. None, and what lies before 1900 or more than a day ahead of `now`, become `now`.

    Text without zone is UTC.

    Raises ValidationFailed for text that is no ISO 8601 time, and for numbers that are not finite.
    """
    if given is None:
        return now
    seconds = _parse(given) if isinstance(given, str) else float(given)
    if not math.isfinite(seconds):
        raise ValidationFailed("a time must be finite")
    return seconds if EARLIEST_SECONDS <= seconds <= now + MAX_FUTURE_SECONDS else now


def client_times(seconds: Floats, now: float) -> Floats:
    """As `client_time`, for a column of numbers."""
    if not np.isfinite(seconds).all():
        raise ValidationFailed("a time must be finite")
    return np.where((seconds >= EARLIEST_SECONDS) & (seconds <= now + MAX_FUTURE_SECONDS), seconds, now)


def _parse(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ValidationFailed(f"{text[:64]!r} is not an ISO 8601 time") from None
