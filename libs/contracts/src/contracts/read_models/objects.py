"""Objects (images, sounds, texts, distributions, figures, custom ones): what is known of a series, and its rows."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from contracts.events.objects import Item, ObjectKind
from contracts.metric_points import Floats, Integers
from contracts.read_models.points import Keys
from contracts.trees import pack, read_extension

Flags = NDArray[np.bool_]


class ObjectSummary(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one series of objects without reading its rows.

    dtype: as the client called it last, None if it never did. first_step, last_step: lowest and highest step.
    longest: of the lists that were logged, a single object counting 1. records: rows that were logged, rewritten steps
    included.
    """

    kind: ObjectKind
    name: str
    context: dict[str, Any]
    dtype: str | None
    first_step: int
    last_step: int
    longest: int
    records: int


@dataclass(frozen=True, slots=True)
class ObjectRows:
    """Rows of the objects table. All have length n.

    kinds, names: text. data_keys, contexts: `contracts.keys`. steps, epochs (NaN if none), times (seconds UTC): as
    folded. listed: whether it was a list. payloads: `pack_items` of what was logged. versions: of the event that wrote
    the row; of one (kind, name, data key, context, step) the highest counts.
    """

    kinds: list[str]
    names: list[str]
    data_keys: Keys
    contexts: Keys
    steps: Integers
    epochs: Floats
    times: Floats
    listed: Flags
    payloads: list[bytes]
    versions: Integers

    def __len__(self) -> int:
        return len(self.steps)


_items = msgspec.msgpack.Decoder(tuple[Item, ...], ext_hook=read_extension)


def pack_items(items: tuple[Item, ...]) -> bytes:
    return pack(items)


def unpack_items(payload: bytes) -> tuple[Item, ...]:
    """The inverse of `pack_items`; StoredValues are where the events had them."""
    return _items.decode(payload)
