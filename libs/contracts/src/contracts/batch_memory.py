"""What a run remembers of named batches: the fold keeps it, and the command side asks it.

Each batch keeps one bit for every (index, part) seen: a batch of mixed kinds may become thousands of events, and a set
of pairs would be copied with each of them.
"""

from contracts.envelope import Dedupe
from contracts.keys import batch_key

BatchMemory = dict[int, tuple[bytes, ...]]
"""Key of a batch to one bit mask for each part: bit i is set if the message with index i was seen."""


def seen(memory: BatchMemory, dedupe: Dedupe) -> bool:
    masks = memory.get(batch_key(dedupe.batch), ())
    byte = dedupe.index >> 3
    if dedupe.part >= len(masks) or byte >= len(masks[dedupe.part]):
        return False
    return bool(masks[dedupe.part][byte] >> (dedupe.index & 7) & 1)
