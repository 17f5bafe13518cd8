"""What an append must pass before it is queued: the limits of a record and the bound of the queue."""

from collections.abc import Sequence

from contracts.position import TopicPartition
from contracts.topics import MAX_RECORD_BYTES
from stores.errors import LogFull
from stores.eventlog.partitions import require_known
from stores.eventlog.port import NewRecord

MAX_KEY_BYTES = 1024
"""A key is a run id or the catalog's name; with it a record stays within what the broker accepts."""

_OVERHEAD_BYTES = 128
"""Counted for each record on top of its key and value, so that many tiny records are bounded too."""


def checked_size(records: Sequence[NewRecord]) -> int:
    """The bytes that these records hold in memory while they wait.

    Raises ValueError for an unknown partition, a value above MAX_RECORD_BYTES, and a key that is too long or no text.
    """
    size = 0
    for record in records:
        require_known(TopicPartition(record.topic, record.partition))
        key_bytes = len(record.key.encode())
        if key_bytes > MAX_KEY_BYTES:
            raise ValueError(f"the key of a record has {key_bytes} bytes; the limit is {MAX_KEY_BYTES}")
        if len(record.value) > MAX_RECORD_BYTES:
            raise ValueError(f"a record of {len(record.value)} bytes; the limit is {MAX_RECORD_BYTES}")
        size += key_bytes + len(record.value) + _OVERHEAD_BYTES
    return size


class QueueBudget:
    """Counts the bytes of appends that were accepted and not yet answered. For one event loop; no locks."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._used = 0

    def take(self, size: int) -> None:
        """Raises LogFull if the queue has no room. One append is always taken when nothing waits, whatever its size."""
        if self._used and self._used + size > self._limit:
            raise LogFull(f"{self._used} bytes wait for the log; the limit is {self._limit}")
        self._used += size

    def release(self, size: int) -> None:
        self._used -= size
