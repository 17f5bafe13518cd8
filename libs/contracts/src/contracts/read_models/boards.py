"""Documents of what users save of the UIs' pages. Times are seconds UTC.

An entry is what the fold decides on. What may be large lies beside it in a `Content` of the same id, so that neither
the projector's memory nor the writes of a batch grow with it.
"""

import msgspec

from contracts.trees import Tree, unpack


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    name: str
    description: str | None
    app_id: str | None
    archived: bool = False
    created_at: float
    updated_at: float


class App(msgspec.Struct, frozen=True, kw_only=True):
    """kind: free text, such as `metrics` or `board`. Its content is the text of its state, a JSON object."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    kind: str
    created_at: float
    updated_at: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Its content is its code, text or None."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    name: str
    description: str | None
    created_at: float
    updated_at: float


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """packed: text, None or a StoredValue of text."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    packed: bytes

    def tree(self) -> Tree:
        return unpack(self.packed)
