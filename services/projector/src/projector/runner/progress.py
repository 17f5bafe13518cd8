"""How far one view version is in each partition, and which records of a delivery are new to it."""

from collections.abc import Mapping, Sequence

from contracts.errors import LogMismatch
from contracts.position import TopicPartition
from stores.documents.port import Checkpoint
from stores.eventlog.port import Record


class Progress:
    """Pure bookkeeping over the checkpoints as they were loaded."""

    def __init__(self, view: str, generation: int, checkpoints: Mapping[TopicPartition, Checkpoint]) -> None:
        """Raises LogMismatch if a checkpoint is of another generation of the log."""
        self._view = view
        self._generation = generation
        self._next: dict[TopicPartition, int] = {}
        for partition, checkpoint in checkpoints.items():
            self._check_generation(checkpoint.generation, f"the checkpoint of view {view}")
            self._next[partition] = checkpoint.offset + 1

    def next_offset(self, partition: TopicPartition) -> int:
        """The offset of the first record that the view does not hold."""
        return self._next.get(partition, 0)

    def next_offsets(self) -> dict[TopicPartition, int]:
        """Of the partitions of which something was read."""
        return dict(self._next)

    def unseen(self, records: Sequence[Record]) -> list[Record]:
        """The records beyond the checkpoints, in the order given.

        Raises LogMismatch for a record of another generation, and for one that leaves others out: what lies between
        would be lost.
        """
        expected: dict[TopicPartition, int] = {}
        unseen: list[Record] = []
        for record in records:
            position = record.position
            self._check_generation(position.generation, "a record")
            partition = position.topic_partition
            wanted = expected.get(partition, self.next_offset(partition))
            if position.offset < wanted:
                continue
            if position.offset > wanted:
                raise LogMismatch(
                    f"{partition.topic}[{partition.partition}] came with offset {position.offset}, but view"
                    f" {self._view} needs {wanted} first: start again, so that reading begins at the checkpoint"
                )
            expected[partition] = wanted + 1
            unseen.append(record)
        return unseen

    def checkpoints_after(self, records: Sequence[Record]) -> list[Checkpoint]:
        """The checkpoints once these records, which `unseen` gave, are in the views."""
        last = {record.position.topic_partition: record.position.offset for record in records}
        return [
            Checkpoint(self._view, self._generation, partition.topic, partition.partition, offset)
            for partition, offset in last.items()
        ]

    def advance(self, checkpoints: Sequence[Checkpoint]) -> None:
        for checkpoint in checkpoints:
            self._next[checkpoint.topic_partition] = checkpoint.offset + 1

    def _check_generation(self, generation: int, what: str) -> None:
        if generation != self._generation:
            raise LogMismatch(
                f"{what} is of generation {generation}, the log is of generation {self._generation}: views of one"
                " generation cannot go on with another; rebuild them"
            )
