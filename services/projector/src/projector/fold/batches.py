"""How a run comes to remember named batches (`contracts.batch_memory`), so that a repeat changes nothing."""

from contracts.batch_memory import BatchMemory
from contracts.envelope import MAX_INDEX, MAX_PARTS, Dedupe
from contracts.errors import InvalidEvent
from contracts.keys import batch_key

REMEMBERED_BATCHES = 1000


def remember(memory: BatchMemory, dedupe: Dedupe) -> BatchMemory:
    """A copy that knows this event; the batch that came first is forgotten when there are more than 1,000.

    The order is that of first arrival: a repeat does not make a batch younger, since it changes nothing.
    """
    key = batch_key(dedupe.batch)
    copy = dict(memory)
    copy[key] = _with_bit(memory.get(key, ()), dedupe)
    while len(copy) > REMEMBERED_BATCHES:
        del copy[next(iter(copy))]
    return copy


def check(dedupe: Dedupe) -> Dedupe:
    """Raises InvalidEvent for numbers that no request of ours can have: they would cost memory for ever."""
    if not (0 <= dedupe.index < MAX_INDEX and 0 <= dedupe.part < MAX_PARTS):
        raise InvalidEvent(f"no batch has an event {dedupe.index}, part {dedupe.part}")
    return dedupe


def _with_bit(masks: tuple[bytes, ...], dedupe: Dedupe) -> tuple[bytes, ...]:
    parts = [*masks, *[b""] * (dedupe.part + 1 - len(masks))]
    byte = dedupe.index >> 3
    mask = bytearray(parts[dedupe.part].ljust(byte + 1, b"\0"))
    mask[byte] |= 1 << (dedupe.index & 7)
    parts[dedupe.part] = bytes(mask)
    return tuple(parts)
