"""The topics of the log, their settings, and the one function that chooses a partition.

The settings are part of the truth: a topic that forgets records would make views that nobody can rebuild.
"""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from contracts.position import Position, TopicPartition

RUNS = "tallybook.runs"
CATALOG = "tallybook.catalog"
DEAD_LETTERS = "tallybook.dead-letters"

CATALOG_KEY = "catalog"
"""The key of every catalog event: one partition, one total order."""

_U32 = 0xFFFFFFFF
_M = 0x5BD1E995
_R = 24
_SEED = 0x9747B28C


class TopicSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a topic must be before anything starts. `config` holds the broker's own names and texts."""

    name: str
    partitions: int
    config: dict[str, str]


_KEPT_FOR_EVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "unclean.leader.election.enable": "false",
    "max.message.bytes": str(1 << 20),
}

TOPICS: dict[str, TopicSettings] = {
    RUNS: TopicSettings(name=RUNS, partitions=12, config=_KEPT_FOR_EVER),
    CATALOG: TopicSettings(name=CATALOG, partitions=1, config=_KEPT_FOR_EVER),
    DEAD_LETTERS: TopicSettings(name=DEAD_LETTERS, partitions=1, config=_KEPT_FOR_EVER),
}

MAX_RECORD_BYTES = (1 << 20) - 4096
"""An encoded event may not be larger: the broker's limit less what it adds around a record."""


def event_partitions() -> list[TopicPartition]:
    """Every partition that holds events, in a fixed order; dead letters are no events."""
    return [TopicPartition(name, p) for name in (RUNS, CATALOG) for p in range(TOPICS[name].partitions)]


def last_events(generation: int, ends: Mapping[TopicPartition, int]) -> list[Position]:
    """Where the last event of each partition stands. ends: the offset that a partition's next record gets.

    Not of dead letters, which no view holds.
    """
    return [Position(generation, *each, ends[each] - 1) for each in event_partitions() if ends.get(each, 0)]


@lru_cache(maxsize=10_000)
def partition_for(topic: str, key: str) -> int:
    """The partition of a key: Kafka's default for keyed records (murmur2, positive, modulo).

    Passed explicitly with every append: librdkafka's own default differs from Java's and Faust's. Remembered, since a
    run has many events and the loop over the bytes takes 5 µs.
    """
    return (murmur2(key.encode()) & 0x7FFFFFFF) % TOPICS[topic].partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, seed and byte order as Kafka's Java client; result unsigned."""
    h = (_SEED ^ len(data)) & _U32
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * _M & _U32
        k = (k ^ (k >> _R)) * _M & _U32
        h = (h * _M & _U32) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _U32
    h = (h ^ (h >> 13)) * _M & _U32
    return h ^ (h >> 15)
