"""Dotted patterns of paths into a decoded answer: `*` is one segment, `**` any number, none included."""

import re
from collections.abc import Iterable
from functools import cache

Path = tuple[str, ...]

_AFTER_SEGMENT = "\x1f"


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    one = f"[^{_AFTER_SEGMENT}]*{_AFTER_SEGMENT}"
    known = {"*": one, "**": f"(?:{one})*"}
    return re.compile("".join(known.get(part, re.escape(part + _AFTER_SEGMENT)) for part in pattern.split(".")))


def matches(path: Path, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns is for this path as a whole."""
    text = "".join(segment + _AFTER_SEGMENT for segment in path)
    return any(_expression(pattern).fullmatch(text) for pattern in patterns)
