"""Events to records of the log, and the append."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from command_api.application.ports import Caller, Tools
from contracts.envelope import Dedupe, Header, encode_event
from contracts.errors import ValidationFailed
from contracts.events import Event, RunEvent
from contracts.position import Position
from contracts.topics import CATALOG, CATALOG_KEY, MAX_RECORD_BYTES, RUNS, partition_for
from stores.eventlog.port import NewRecord

INLINE_EVENTS = 256
"""More events than these are encoded beside the loop: a hundred thousand would hold it up for a second."""


class ToAppend(NamedTuple):
    """key: the run's id; of catalog events it is not used."""

    event: Event
    run_id: str = ""
    dedupe: Dedupe | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """In the order of the events."""

    event_ids: list[str]
    positions: list[Position]


def to_record(tools: Tools, caller: Caller, item: ToAppend, event_id: str) -> NewRecord:
    """Raises ValidationFailed for an event that is too large for a record of the log."""
    topic, key = (RUNS, item.run_id) if isinstance(item.event, RunEvent) else (CATALOG, CATALOG_KEY)
    header = Header(
        id=event_id,
        key=key,
        recorded_at=tools.clock(),
        generation=tools.log.generation,
        actor=caller.actor,
        request_id=caller.request_id,
        dedupe=item.dedupe,
    )
    value = encode_event(header, item.event)
    if len(value) > MAX_RECORD_BYTES:
        name = type(item.event).__name__
        raise ValidationFailed(f"a value is too large: {name} of {len(value)} bytes, at most {MAX_RECORD_BYTES}")
    return NewRecord(topic, partition_for(topic, key), key, value)


def to_records(tools: Tools, caller: Caller, items: Sequence[ToAppend]) -> tuple[list[str], list[NewRecord]]:
    """Event ids, and the records to append. Raises as `to_record` does."""
    event_ids = [tools.new_event_id() for _ in items]
    return event_ids, [to_record(tools, caller, item, id) for item, id in zip(items, event_ids, strict=True)]


async def append(tools: Tools, caller: Caller, items: Sequence[ToAppend]) -> Appended:
    """Append the events in their order; all are durable when this returns, none if one is too large."""

    def records() -> tuple[list[str], list[NewRecord]]:
        return to_records(tools, caller, items)

    event_ids, made = records() if len(items) <= INLINE_EVENTS else await tools.beside_loop(records)
    return Appended(event_ids, await tools.log.append(made))
