"""Which keys a blob may have. Pure."""

from contracts.errors import ValidationFailed
from contracts.keys import path_problem

MAX_SEGMENT_BYTES = 255
MAX_KEY_BYTES = 900  # S3 takes 1,024, of which the prefix of a bucket may need some
_RESERVED = "?versionId="  # S3's clients cut a key off there, so two keys would become one


def checked_key(key: str) -> str:
    """The key, if it is one. Raises ValidationFailed."""
    problem = _problem(key)
    if problem:
        raise ValidationFailed(f"a blob's key {problem}")
    return key


def _problem(key: str) -> str | None:
    problem = path_problem(key)
    if problem is not None:
        return problem
    if _RESERVED in key:
        return f"must not hold {_RESERVED!r}"
    data = key.encode()
    if len(data) > MAX_KEY_BYTES or any(len(segment) > MAX_SEGMENT_BYTES for segment in data.split(b"/")):
        return f"may have {MAX_KEY_BYTES} bytes, and {MAX_SEGMENT_BYTES} in a segment"
    return None
