"""What becomes of events that can never be applied."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from contracts.position import Position
from contracts.topics import DEAD_LETTERS, partition_for
from projector.errors import TooManyDeadLetters
from stores.eventlog.port import EventLogWriter, NewRecord

_REASON_CHARACTERS = 2_000


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """Names an invalid record; its bytes stay where they are in the log.

    id: the record's position as text, so that a letter that was sent twice is known as one.
    """

    id: str
    topic: str
    partition: int
    offset: int
    generation: int
    key: str
    reason: str


def letter_for(position: Position, key: str, reason: str) -> DeadLetter:
    return DeadLetter(
        id=f"{position.generation}:{position.topic}:{position.partition}:{position.offset}",
        topic=position.topic,
        partition=position.partition,
        offset=position.offset,
        generation=position.generation,
        key=key,
        reason=reason[:_REASON_CHARACTERS],
    )


class DeadLetters(Protocol):
    async def put(self, letters: Sequence[DeadLetter]) -> None:
        """Return once the letters are safe: the checkpoint passes their records afterwards. May get one twice."""
        ...

    def check(self) -> None:
        """Raise TooManyDeadLetters if there are too many to go on. Called when the views have passed their records."""
        ...


class AppendedDeadLetters:
    """Letters go to their topic, all of them; more than `limit` in the life of the process are too many to go on.

    The process that is started next goes on behind them and counts anew: each start brings the views at least one batch
    further, however many invalid events there are.
    """

    def __init__(self, writer: EventLogWriter, limit: int) -> None:
        self._writer = writer
        self._limit = limit
        self._ids: set[str] = set()
        self._last: DeadLetter | None = None

    async def put(self, letters: Sequence[DeadLetter]) -> None:
        fresh = [letter for letter in letters if letter.id not in self._ids]
        if fresh:
            await self._writer.append([_record(letter) for letter in fresh])
            self._ids.update(letter.id for letter in fresh)
            self._last = fresh[-1]

    def check(self) -> None:
        if self._last is not None and len(self._ids) > self._limit:
            raise TooManyDeadLetters(
                f"{len(self._ids)} invalid events since the start, more than {self._limit}; the last one is"
                f" {self._last.id}: {self._last.reason}. {DEAD_LETTERS} names them all. Should the views go on without"
                " them, start again"
            )


class CollectedDeadLetters:
    """Letters are kept for a report: a rebuild appends nothing to the log."""

    def __init__(self) -> None:
        self._letters: dict[str, DeadLetter] = {}

    @property
    def letters(self) -> list[DeadLetter]:
        return list(self._letters.values())

    async def put(self, letters: Sequence[DeadLetter]) -> None:
        self._letters.update((letter.id, letter) for letter in letters)

    def check(self) -> None:
        """Never too many: who asked for the rebuild reads the report."""


def _record(letter: DeadLetter) -> NewRecord:
    return NewRecord(DEAD_LETTERS, partition_for(DEAD_LETTERS, letter.id), letter.id, msgspec.msgpack.encode(letter))
