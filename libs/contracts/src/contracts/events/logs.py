"""What a run wrote: lines of its terminal, and records of its loggers."""

from typing import Any

import msgspec

from contracts.events.base import RunEvent

MAX_LINE_NUMBER = 1 << 52
"""Highest that a client's session may give a line: half of what readers can hold, since resumes add to it."""


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """number: from 0, as the client counts. text: as it stands now, or a StoredValue; empty is a line too."""

    number: int
    text: Any


class LogLinesAppended(RunEvent, frozen=True, kw_only=True):
    """At least one line. A number that came before replaces its line.

    absolute: the numbers are those of the whole run. Otherwise they are those of the client's session, which the fold
    puts behind the lines that were there when the run was resumed.
    """

    lines: tuple[LogLine, ...]
    absolute: bool = False


class LogRecord(msgspec.Struct, frozen=True, array_like=True):
    """message: text, or a StoredValue. level: as Python's `logging` counts. timestamp: seconds UTC.

    args: what the client logged beside the message (a tree), or None. logger_info: file and line, in whatever form the
    client has it, or None. number: from 0, of a client that counts records itself; otherwise the run's own counter.
    """

    message: Any
    level: int
    timestamp: float
    args: Any = None
    logger_info: Any = None
    number: int | None = None


class LogRecordsAppended(RunEvent, frozen=True, kw_only=True):
    """At least one record."""

    records: tuple[LogRecord, ...]
