"""Every partition of the log, and the refusal of any other; the same in all adapters."""

from contracts.position import TopicPartition
from contracts.topics import TOPICS

ALL_PARTITIONS: tuple[TopicPartition, ...] = tuple(
    TopicPartition(settings.name, partition) for settings in TOPICS.values() for partition in range(settings.partitions)
)
_KNOWN = frozenset(ALL_PARTITIONS)


def require_known(partition: TopicPartition) -> None:
    """Raise ValueError for a partition that `contracts.topics` does not name: a mistake of the caller."""
    if partition not in _KNOWN:
        raise ValueError(f"the log has no partition {partition.topic}/{partition.partition}")
