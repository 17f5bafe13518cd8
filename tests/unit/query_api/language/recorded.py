"""The recorded cases of the query language and their dataset as views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.vectors_support.dataset import plain
from tests.vectors_support.queries import Suite, suites

from query_api.language.budget import QueryBudget
from query_api.language.values import same_context
from query_api.language.views import QueryEnvironment

NOW = 1_795_000_000.0


@dataclass
class RecordedSequence:
    kind: str
    name: str
    context: Mapping[str, Any]
    last: Any
    last_step: Any
    first_step: Any
    dtype: str | None


@dataclass
class RecordedRun:
    """A run whose parameters count how often they are read."""

    hash: str
    name: str
    description: str | None
    experiment: str | None
    tags: Sequence[str]
    archived: bool
    active: bool
    creation_time: float
    end_time: float | None
    stored_params: dict[str, Any]
    sequences: list[RecordedSequence] = field(default_factory=list)
    updated_at: float | None = NOW
    params_reads: int = 0

    def params(self) -> dict[str, Any]:
        self.params_reads += 1
        return self.stored_params

    def metric(self, name: str, context: Mapping[str, Any]) -> RecordedSequence | None:
        found = (s for s in self.sequences if s.kind == "metric" and s.name == name)
        return next((s for s in found if same_context(s.context, context)), None)

    def notes(self) -> Sequence[str]:
        return []

    def of_kind(self, kind: str) -> list[RecordedSequence]:
        return [sequence for sequence in self.sequences if sequence.kind == kind]


def environment(tz_offset: int = 0, **budget: Any) -> QueryEnvironment:
    """Time stands still unless the test moves it, so that only steps and bytes count."""
    clock = budget.pop("clock", lambda: 0.0)
    return QueryEnvironment(tz_offset, NOW, QueryBudget(clock, **budget))


def _sequence(record: Mapping[str, Any]) -> RecordedSequence:
    points = plain(record["points"])
    is_metric = record["type"] == "metric"
    last = points[-1][1] if is_metric else None
    dtype = type(last).__name__ if is_metric else None
    return RecordedSequence(record["type"], record["name"], record["context"], last, points[-1][0], points[0][0], dtype)


@cache
def load() -> tuple[list[RecordedRun], list[dict[str, Any]]]:
    """The runs, newest first, and the cases: our own."""
    ours = suites()[0]
    return runs_of(ours), ours.cases


def runs_of(suite: Suite) -> list[RecordedRun]:
    """Newest first."""
    plain_fields = (
        "hash", "name", "description", "experiment", "tags", "archived", "active", "creation_time", "end_time",
    )  # fmt: skip
    runs = [
        RecordedRun(
            **{name: record[name] for name in plain_fields},
            stored_params=plain(record["params"]),
            sequences=[_sequence(sequence) for sequence in record["sequences"]],
        )
        for record in suite.runs
    ]
    return sorted(runs, key=lambda run: run.creation_time, reverse=True)
