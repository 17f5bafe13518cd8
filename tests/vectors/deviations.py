"""Where our answers differ from the recorded ones on purpose, each with the reason that decides it.

A deviation speaks of single differences, as `vectors_support.differences` puts them; what none of them accepts is a
fault. One that accepts nothing any more is a fault too: the list only says what is true.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True)
class Deviation:
    """vectors: patterns of names. difference: what it accepts, matched from the sentence's start."""

    reason: str
    vectors: tuple[str, ...]
    difference: str

    def accepts(self, vector: str, difference: str) -> bool:
        named = any(fnmatch(vector, pattern) for pattern in self.vectors)
        return named and re.match(self.difference, difference) is not None


LEFT_OUT = {
    "run-search-slow-progress": "the query was made slow on purpose, and budgets refuse such a query with 400",
}
"""Vectors that are not compared at all."""

DEVIATIONS = (
    Deviation(
        "the envelope merges two systems': `error` beside `message` and `detail` (REST contract, 1.5)",
        ("*-404", "*-bad*", "*-density-0", "*-syntax-error", "align-late-failure"),
        r"value\.error: is not expected",
    ),
    Deviation(
        "`detail` repeats `message` without a status in front (REST contract, 1.5)",
        ("*-404", "*-bad*", "*-density-0"),
        r'value\.detail: expected "4\d\d: (.*)", got "\1"$',
    ),
    Deviation(
        "a wrong type is told in the envelope as well (REST contract, 1.5)",
        ("*-bad*",),
        r'value\.(message: is not expected|detail: expected \[.*got ")',
    ),
    Deviation(
        "`detail` of a syntax error names itself (REST contract, 1.5)",
        ("*-syntax-error",),
        r'value\.detail\.name: is not expected: "SyntaxError"$',
    ),
    Deviation(
        "`params` and `traces` are always there, empty if excluded (REST contract, row 19)",
        ("run-search-*",),
        r'items\.\d+\.1\.(params: is not expected: \{\}|traces: is not expected: \{"metric": \[\]\})$',
    ),
    Deviation(
        "ids of notes are UUID texts (REST contract, 1.4)",
        ("run-note", "run-notes"),
        r'value\.(\d+\.)?id: expected \d+, got "[0-9a-f-]{36}"$',
    ),
    Deviation(
        "the count of log records comes even if it is 0 (REST contract, row 18)",
        ("log-records-none",),
        r"items(: expected 0 elements, got 1|\.0: .*log_records_count)",
    ),
)


def unexplained(vector: str, differences: Iterable[str]) -> list[str]:
    """Differences that no deviation accepts."""
    return [one for one in differences if not any(deviation.accepts(vector, one) for deviation in DEVIATIONS)]


def used(found: Collection[tuple[str, str]]) -> set[Deviation]:
    """The deviations that accept at least one of (vector, difference)."""
    return {deviation for deviation in DEVIATIONS if any(deviation.accepts(*one) for one in found)}
