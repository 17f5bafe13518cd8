"""From a record's bytes to an event that stands where it belongs."""

from typing import NamedTuple

import msgspec

from contracts.envelope import Header, Recorded, decode
from contracts.errors import InvalidEvent, LogMismatch
from contracts.events import CatalogEvent, RunEvent
from contracts.topics import CATALOG, CATALOG_KEY, RUNS
from stores.eventlog.port import Record


class Readable(NamedTuple):
    record: Record
    recorded: Recorded


class Unreadable(NamedTuple):
    """`described`: what could be read of the envelope, so that a caller who waits for the event hears of it."""

    record: Record
    error: InvalidEvent
    described: "Described | None"


class Described(Header, frozen=True, kw_only=True):
    """An envelope whose event could not be read."""

    type: str = ""


def read(record: Record) -> Readable | Unreadable:
    """Raises LogMismatch for an envelope of another generation than the log: it was written for another one."""
    try:
        recorded = decode(record.value)
        _check_place(record, recorded)
    except InvalidEvent as error:
        return Unreadable(record, error, _described(record))
    if recorded.header.generation != record.position.generation:
        raise LogMismatch(
            f"the event at {tuple(record.position)} was written for generation {recorded.header.generation} of the log"
        )
    return Readable(record, recorded)


def _check_place(record: Record, recorded: Recorded) -> None:
    """An event under another key or in another topic has no place in its run's order."""
    topic, key = record.position.topic, recorded.header.key
    if key != record.key:
        raise InvalidEvent(f"the envelope's key {key!r} is not the record's key {record.key!r}")
    name = type(recorded.event).__name__
    if topic == RUNS and not isinstance(recorded.event, RunEvent):
        raise InvalidEvent(f"{name} does not belong into {RUNS}")
    if topic == CATALOG and not (isinstance(recorded.event, CatalogEvent) and key == CATALOG_KEY):
        raise InvalidEvent(f"{name} under the key {key!r} does not belong into {CATALOG}")


def _described(record: Record) -> Described | None:
    try:
        return msgspec.msgpack.decode(record.value, type=Described)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
