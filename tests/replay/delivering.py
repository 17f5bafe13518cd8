"""Logs delivered to a projection in any order that keeps the order of each partition, cut and repeated at random."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes import FakeColumns, FakeDocuments, FakeEventLog, Faults

from contracts.position import TopicPartition
from contracts.tables import ViewNames
from contracts.topics import event_partitions
from projector.recovery.dump import ViewDump, dump_view
from projector.recovery.views import make_view
from projector.runner.batch import Projection, ProjectionLimits
from projector.runner.dead_letters import CollectedDeadLetters
from projector.runner.retrying import BackOff
from projector.runner.states import CacheLimits
from stores.columns.port import Columns
from stores.documents.port import Documents
from stores.eventlog.port import NewRecord, Record

NAMES = ViewNames(1)
NO_WAITING = BackOff(first_seconds=0.0, longest_seconds=0.0)


@dataclass
class World:
    """What survives the death of a process: the stores. `projection` is of the process that lives now."""

    documents: Documents
    columns: Columns
    letters: CollectedDeadLetters = field(default_factory=CollectedDeadLetters)
    cache_entries: int = 3

    @classmethod
    def of_fakes(cls, faults: Faults | None = None, *, one_by_one: bool = False) -> "World":
        return cls(FakeDocuments(one_by_one=one_by_one, faults=faults), FakeColumns(faults))

    async def make(self) -> None:
        await make_view(self.documents, self.columns, NAMES)

    def projection(self) -> Projection:
        """A new process on the same stores; a small cache, so that states are loaded again and again."""
        limits = ProjectionLimits(cache=CacheLimits(entries=self.cache_entries), back_off=NO_WAITING)
        return Projection(NAMES, 1, self.documents, self.columns, self.letters, limits=limits)

    async def dump(self) -> ViewDump:
        return await dump_view(self.documents, self.columns, NAMES)


async def log_of(records: Sequence[NewRecord]) -> FakeEventLog:
    log = FakeEventLog()
    await log.append(records)
    return log


async def deliver_all(projection: Projection, log: FakeEventLog, chance: random.Random, longest: int = 40) -> None:
    """From the view's checkpoints to the end of the log; some records come a second time, as after a rebalance."""
    ends = await log.end_offsets()
    known = await projection.next_offsets()
    following = {partition: known.get(partition, 0) for partition in event_partitions()}
    while open_partitions := [partition for partition in following if following[partition] < ends[partition]]:
        batch: list[Record] = []
        for partition in chance.sample(open_partitions, chance.randrange(1, len(open_partitions) + 1)):
            part = await _part(log, partition, following, chance, longest)
            following[partition] = part[-1].position.offset + 1
            batch = _interleaved(batch, part, chance)
        await projection.apply(batch)


async def _part(
    log: FakeEventLog,
    partition: TopicPartition,
    following: dict[TopicPartition, int],
    chance: random.Random,
    longest: int,
) -> list[Record]:
    again = chance.randrange(4) if chance.random() < 0.3 else 0
    start = max(0, following[partition] - again)
    return await log.read(partition, start, max_records=chance.randrange(1, longest) + following[partition] - start)


def _interleaved(left: list[Record], right: list[Record], chance: random.Random) -> list[Record]:
    """Both in their own order."""
    from_left = [True] * len(left) + [False] * len(right)
    chance.shuffle(from_left)
    lefts, rights = iter(left), iter(right)
    return [next(lefts) if each else next(rights) for each in from_left]
