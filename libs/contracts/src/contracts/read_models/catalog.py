"""Documents of the catalog: what all runs share."""

from typing import Literal

import msgspec

from contracts.read_models.boards import App, Dashboard, Report
from contracts.read_models.notes import ExperimentNote


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    name: str
    description: str | None
    archived: bool
    created_at: float
    position: int
    """Version of the event that created it: creation order."""


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    name: str
    color: str | None
    description: str | None
    archived: bool
    position: int
    """Version of the event that created it: creation order."""


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """An id whose creation came second: it stands for `target`."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    kind: Literal["experiment", "tag"]
    target: str


class PinnedSequences(msgspec.Struct, frozen=True, kw_only=True):
    """The one settings document `pinned_sequences`; each entry has `name` and `context`. `packed`: list of trees."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    packed: bytes


CatalogDocument = Experiment | ExperimentNote | Tag | Alias | PinnedSequences | Dashboard | App | Report
