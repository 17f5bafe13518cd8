"""Images, sounds, texts, distributions, figures and custom objects, always as a batch of rows."""

from typing import Any, Literal

import msgspec

from contracts.blobs import Blob
from contracts.events.base import RunEvent

ObjectKind = Literal["images", "audios", "texts", "distributions", "figures", "custom"]


class _Item(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """One object; the class name comes first in its array."""


class Image(_Item, frozen=True):
    """format: as the client named it (`PNG`, `png`). width, height: pixels, None if the client did not know them."""

    blob: Blob
    caption: str = ""
    format: str = ""
    width: int | None = None
    height: int | None = None


class Audio(_Item, frozen=True):
    """rate: samples per second."""

    blob: Blob
    caption: str = ""
    format: str = ""
    rate: int | None = None


class Text(_Item, frozen=True):
    """data: text, or a StoredValue."""

    data: Any


class Distribution(_Item, frozen=True):
    """weights: little-endian numbers of the numpy type `dtype`, as bytes or a StoredValue. range: of all bins."""

    weights: Any
    dtype: str
    bin_count: int
    range: tuple[float, float]


class Figure(_Item, frozen=True):
    """data: the figure as JSON text, as a tree, or a StoredValue of either. source: the library, such as `plotly`."""

    data: Any
    source: str | None = None
    version: str | None = None
    format: str | None = None


class Custom(_Item, frozen=True):
    """value: a tree of the client's own; large parts of it may be StoredValues."""

    value: Any


Item = Image | Audio | Text | Distribution | Figure | Custom

ITEM_OF_KIND: dict[str, type[Item]] = {
    "images": Image,
    "audios": Audio,
    "texts": Text,
    "distributions": Distribution,
    "figures": Figure,
    "custom": Custom,
}
"""What the rows of a series of this kind hold."""


class ObjectSeries(msgspec.Struct, frozen=True, array_like=True):
    """`dtype` is what the client called the kind (`image`, `custom`, a class name), or None."""

    kind: ObjectKind
    name: str
    context: dict[str, Any]
    dtype: str | None = None


class ObjectRow(msgspec.Struct, frozen=True, array_like=True):
    """What was logged at one step.

    series: index into the event's table. step: as logged, or `contracts.metric_points.NEXT_STEP`. epoch: None where the
    client gave none. time: seconds UTC. listed: whether it was a list (of any length) and not a single object.
    """

    series: int
    step: int
    epoch: float | None
    time: float
    listed: bool
    items: tuple[Item, ...]


class ObjectsTracked(RunEvent, frozen=True, kw_only=True):
    """At least one row, in the order in which they were logged."""

    series: tuple[ObjectSeries, ...]
    rows: tuple[ObjectRow, ...]
