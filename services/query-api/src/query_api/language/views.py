"""What the interpreter reads. Callers implement these protocols over their documents and may be lazy.

A view must be cheap to ask twice: one search evaluates a query for each sequence of a run. When `params`, `metric`
or `notes` raises, the request ends with RunDataError.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from query_api.language.budget import QueryBudget


class SeriesView(Protocol):
    """The summary of one sequence; a field that the store does not have is None."""

    @property
    def last(self) -> Any: ...

    @property
    def last_step(self) -> Any: ...

    @property
    def first_step(self) -> Any: ...

    @property
    def dtype(self) -> str | None: ...


class SequenceView(SeriesView, Protocol):
    """One sequence of a run, as a sequence search sees it."""

    @property
    def name(self) -> str: ...

    @property
    def context(self) -> Mapping[str, Any]: ...


class RunView(Protocol):
    """One run. Times are epoch seconds, UTC."""

    @property
    def hash(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str | None: ...

    @property
    def experiment(self) -> str | None:
        """The name of the experiment; None for a run without one."""

    @property
    def tags(self) -> Sequence[str]:
        """Names of the tags in stored order, archived tags left out."""

    @property
    def archived(self) -> bool: ...

    @property
    def active(self) -> bool: ...

    @property
    def creation_time(self) -> float: ...

    @property
    def end_time(self) -> float | None:
        """None while the run is active."""

    @property
    def updated_at(self) -> float | None: ...

    def params(self) -> dict[str, Any]:
        """All parameters as nested dicts, lists and scalars; called only when a query reads a parameter."""

    def metric(self, name: str, context: Mapping[str, Any]) -> SeriesView | None:
        """The metric of exactly this context (`values.same_context`), or None."""

    def notes(self) -> Sequence[str]:
        """The texts of the run's notes."""


@dataclass(frozen=True, slots=True)
class QueryEnvironment:
    """What one request adds to a query."""

    tz_offset_minutes: int
    """UTC minus local time, in minutes, as browsers count (UTC+4 is -240)."""
    now: float
    """Epoch seconds, UTC: `datetime.now()` and the duration of an active run."""
    budget: QueryBudget
