"""Documents of runs, as the projector writes them and everyone else reads them.

A document is a plain object; `_id` is its id and `_v` the version of the last event that changed it.
"""

from typing import Any, Literal

import msgspec

from contracts.read_models.objects import ObjectSummary
from contracts.trees import pack, unpack

RunPhase = Literal["live", "deleted"]

NOTHING = pack([])
"""A packed list of nothing."""


class SeriesSummary(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one metric series without reading its points.

    first: the first point logged. last: at the highest step, not changed by a rewrite of that step. min and max: over
    everything logged, NaN ignored, None if nothing else was logged. dtype: float, int or number (mixed).
    """

    name: str
    context: dict[str, Any]
    dtype: str
    first_step: int
    first: float
    last_step: int
    last: float
    min: float | None
    max: float | None


class RunDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One run in the collection `runs`. Times are seconds UTC; `ended_at` is None if and only if `active`.

    params: packed tree (`contracts.trees`). claims: whether StoredValues are in it. series: packed list of
    SeriesSummary, ordered by name and context. objects: packed list of ObjectSummary, ordered by kind, name and
    context. lines_end, records_end: highest number of a log line and of a log record, plus one. updated_at: when the
    last event that changed anything was recorded, edits of users included. ingested_at: the same of what the client
    logged; None in documents that an older build wrote.
    Ids of tags and experiments are as given in events; the catalog says what they are called, or that they are gone.
    """

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    incarnation: int
    phase: RunPhase
    name: str
    description: str | None
    experiment_id: str | None
    tag_ids: list[str]
    archived: bool
    active: bool
    created_at: float
    ended_at: float | None
    updated_at: float
    params: bytes
    series: bytes
    claims: bool = False
    objects: bytes = NOTHING
    lines_end: int = 0
    records_end: int = 0
    ingested_at: float | None = None

    def params_tree(self) -> dict[str | int, Any]:
        tree: dict[str | int, Any] = unpack(self.params)
        return tree

    def summaries(self) -> list[SeriesSummary]:
        return unpack(self.series, list[SeriesSummary])

    def object_summaries(self) -> list[ObjectSummary]:
        return unpack(self.objects, list[ObjectSummary])


class RunSegments(msgspec.Struct, frozen=True, kw_only=True):
    """Ready pieces of binary streams, keyed by run id.

    Each is a run of whole records (`contracts.aimcodec.records`) whose keys begin with the run's id.
    params: `<id>.params` without system params; at least the opener. system_params: `<id>.params.__system_params`, or
    empty bytes. traces: `<id>.traces.metric` with one overview per series; at least the opener.
    Where user params are empty and system params are not, a reader that sends both leaves `params` out.
    claims: StoredValues are in the params, so that `params` and `system_params` are empty bytes; a reader that has the
    values makes them by `contracts.read_models.segments.param_segments`.
    """

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    params: bytes
    params_empty: bool
    system_params: bytes
    traces: bytes
    claims: bool = False
