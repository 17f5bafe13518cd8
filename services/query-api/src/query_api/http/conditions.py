"""Conditional requests and single ranges, the same for every file."""

import re
from dataclasses import dataclass

# A file of more digits than these there is none, and `int` refuses thousands of them.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Request headers that decide how a file is answered; empty where the client sent none."""

    accept_encoding: str | None = None
    if_none_match: str = ""
    if_range: str = ""
    range: str = ""


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the client has this version already."""
    wanted = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag in wanted


def wanted_span(conditions: Conditions, size: int, etag: str) -> range | None:
    """The bytes to send; None for a range that the file has nothing of. What is no single range is everything."""
    whole = range(size)
    asked = _RANGE.fullmatch(conditions.range.strip())
    if asked is None or asked[0] == "bytes=-" or conditions.if_range.strip() not in ("", etag):
        return whole
    first, last = asked[1], asked[2]
    if not first:
        wanted = range(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return whole
    else:
        wanted = range(int(first), min(int(last) + 1 if last else size, size))
    return wanted or None
