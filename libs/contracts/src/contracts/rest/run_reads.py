"""Answers about runs: props, row 1, row 23; bodies of rows 22 and 23. Times of props are seconds UTC."""

from typing import Annotated, Any

import msgspec

from contracts.contexts import check_context
from contracts.rest.bounds import Name


class ExperimentRef(msgspec.Struct, frozen=True):
    """Always there; all three null for a run without an experiment."""

    id: str | None
    name: str | None
    description: str | None


class TagRef(msgspec.Struct, frozen=True):
    id: str
    name: str
    color: str | None
    description: str | None


class Props(msgspec.Struct, frozen=True, kw_only=True):
    """`end_time` is null if and only if the run is active. Tags by name, archived ones left out."""

    name: str | None
    description: str | None
    experiment: ExperimentRef
    tags: list[TagRef]
    creation_time: float
    end_time: float | None
    archived: bool
    active: bool


class SequenceInfo(msgspec.Struct, frozen=True):
    """last_value: a number, or one of the texts NaN, inf, -inf."""

    name: str
    context: dict[str, Any]
    last_value: float | str


class ArtifactInfo(msgspec.Struct, frozen=True):
    name: str
    path: str
    uri: str


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Row 1. traces: by kind of sequence, every kind that was asked for."""

    params: dict[str, Any]
    traces: dict[str, list[SequenceInfo]]
    props: Props
    artifacts: list[ArtifactInfo]


class SeriesName(msgspec.Struct, frozen=True):
    """A series by name and its exact context. Raises ValidationFailed for a context that no series can have."""

    name: Name
    context: dict[str, Any]

    def __post_init__(self) -> None:
        check_context(self.context)


class SeriesValues(msgspec.Struct, frozen=True):
    """Row 23: steps rising, a value that is not finite is null."""

    name: str
    context: dict[str, Any]
    iters: list[int]
    values: list[float | None]


class AlignedTrace(SeriesName, frozen=True):
    """slice: of its three numbers the last is the most points; -1 is all."""

    slice: Annotated[list[int], msgspec.Meta(min_length=3, max_length=3)]


class AlignedRun(msgspec.Struct, frozen=True):
    run_id: str
    traces: list[AlignedTrace]


class AlignRequest(msgspec.Struct, frozen=True):
    """Body of row 22. align_by: the metric whose values replace the steps."""

    align_by: Name
    runs: list[AlignedRun]
