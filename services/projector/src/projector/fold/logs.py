"""Numbers of log lines and log records."""

import math

from contracts.errors import InvalidEvent
from contracts.events import LogLinesAppended, LogRecordsAppended
from contracts.events.logs import MAX_LINE_NUMBER

MAX_NUMBER = 1 << 53
"""Readers get numbers as doubles."""

_MAX_OFFSET = MAX_NUMBER - MAX_LINE_NUMBER
"""With more, an acknowledged line could have no number. In a run that has lines beyond (a client numbered them so, none
counts that far) each further session writes over them from here on."""


def number_lines(event: LogLinesAppended, offset: int) -> tuple[int, ...]:
    """The numbers of the lines in the whole run. offset: of the client's session. Raises InvalidEvent."""
    if not event.lines:
        raise InvalidEvent("an event of log lines holds none")
    begin = 0 if event.absolute else min(offset, _MAX_OFFSET)
    return tuple(_checked(begin + line.number, line.number) for line in event.lines)


def number_records(event: LogRecordsAppended, following: int) -> tuple[int, ...]:
    """The numbers of the records. following: the run's counter, one behind the highest so far. Raises InvalidEvent."""
    if not event.records:
        raise InvalidEvent("an event of log records holds none")
    numbers = []
    for record in event.records:
        if not math.isfinite(record.timestamp):
            raise InvalidEvent("a log record without a time")
        number = following if record.number is None else _checked(record.number, record.number)
        numbers.append(number)
        following = max(following, number + 1)
    return tuple(numbers)


def _checked(number: int, given: int) -> int:
    if given < 0 or number > MAX_NUMBER:
        raise InvalidEvent(f"{given} is no number of a line or record")
    return number
