"""Rows of terminal lines and of log records: two tables of one shape."""

from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.events.logs import LogRecord
from contracts.metric_points import Integers
from contracts.read_models.points import Keys
from contracts.trees import pack, read_extension, unpack


@dataclass(frozen=True, slots=True)
class LogRows:
    """Rows of one of the log tables. All have length n.

    data_keys: `contracts.keys`. steps: number of the line or record. payloads: `pack_line` or `pack_record`.
    versions: of the event that wrote the row; of one (data key, step) the highest counts.
    """

    data_keys: Keys
    steps: Integers
    payloads: list[bytes]
    versions: Integers

    def __len__(self) -> int:
        return len(self.steps)


_record = msgspec.msgpack.Decoder(LogRecord, ext_hook=read_extension)


def pack_line(text: Any) -> bytes:
    """text: a line's text, or the StoredValue of it."""
    return pack(text)


def unpack_line(payload: bytes) -> Any:
    """The inverse of `pack_line`."""
    return unpack(payload)


def pack_record(record: LogRecord) -> bytes:
    return pack(record)


def unpack_record(payload: bytes) -> LogRecord:
    """The inverse of `pack_record`; `number` is as the event had it, the row's step is what counts."""
    return _record.decode(payload)
