"""`run`, `run.metrics` and the sequence variable as plain objects over the caller's views."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from query_api.language.budget import QueryBudget
from query_api.language.costs import charge_parts
from query_api.language.errors import RunDataError
from query_api.language.values import NULL, UNDEFINED, ContextParameter, MetricParameter, Parameter, deep_plain, descend
from query_api.language.views import QueryEnvironment, RunView, SequenceView, SeriesView

_EPOCH: Final = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
_SERIES_FIELDS: Final = ("last", "last_step", "first_step", "dtype")
_METRIC_STEPS: Final = 16
"""A metric is looked for among all of its name, whose number is unknown here: the clock is seen soon."""


def naive_utc(epoch_seconds: float) -> datetime:
    """Epoch seconds as a naive datetime in UTC, rounded to microseconds; OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(seconds=epoch_seconds)


class RunInfo:
    """`run.info`: true, and without anything to read."""

    __slots__ = ()


class RunObject:
    """`run`: the properties of `RUN_PROPERTIES`, every other name is a parameter."""

    __slots__ = ("_params", "environment", "view")

    def __init__(self, view: RunView, environment: QueryEnvironment) -> None:
        self.view = view
        self.environment = environment
        self._params: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return "<run>"

    def parameter(self, key: Any) -> Parameter:
        """The parameter of a key or of a tuple of keys; a missing one is NULL, also for a tuple."""
        path = key if isinstance(key, tuple) else (key,)
        value = descend(self.params(), path)
        return Parameter(NULL if value is UNDEFINED else value)

    def params(self) -> Mapping[str, Any]:
        if self._params is None:
            try:
                self._params = self.view.params()
            except Exception as error:
                raise RunDataError("The parameters of a run cannot be read.") from error
        return self._params

    def notes(self) -> Sequence[str]:
        try:
            return self.view.notes()
        except Exception as error:
            raise RunDataError("The notes of a run cannot be read.") from error

    def local_time(self, epoch_seconds: float) -> datetime:
        """Naive wall-clock time of the client."""
        return naive_utc(epoch_seconds) - timedelta(minutes=self.environment.tz_offset_minutes)


class MetricsObject:
    """`run.metrics`: entries by name, or by name and exact context."""

    __slots__ = ("_budget", "_view")

    def __init__(self, view: RunView, budget: QueryBudget) -> None:
        self._view = view
        self._budget = budget

    def __repr__(self) -> str:
        return "<metrics>"

    def entry(self, key: Any) -> Any:
        """A MetricParameter, or NULL for a key that can name no metric."""
        name: Any = key
        context: Any = {}
        if isinstance(key, tuple):
            if len(key) != 2:
                return NULL
            name, context = key
        if not isinstance(name, str) or not isinstance(context, dict):
            return NULL
        self._budget.take_steps(_METRIC_STEPS)
        charge_parts(self._budget, context)
        try:
            series = self._view.metric(name, deep_plain(context))
        except Exception as error:
            raise RunDataError("A metric of a run cannot be read.") from error
        if series is None:
            return MetricParameter({})
        return MetricParameter({field: _series_field(series, field) for field in _SERIES_FIELDS})


class SequenceObject:
    """`metric`, `images` and so on: one sequence of the run."""

    __slots__ = ("run", "view")

    def __init__(self, run: RunObject, view: SequenceView) -> None:
        self.run = run
        self.view = view

    def __repr__(self) -> str:
        return "<sequence>"

    def attribute(self, name: str) -> Any:
        if name == "name":
            return self.view.name
        if name == "context":
            return ContextParameter(dict(self.view.context))
        if name == "run":
            return self.run
        return Parameter(_series_field(self.view, name) if name in _SERIES_FIELDS else NULL)


def _series_field(view: SeriesView, name: str) -> Any:
    value = getattr(view, name)
    if name == "last" and isinstance(value, float) and view.dtype == "int" and value.is_integer():
        # Stores keep every value as a float; a query sees the kind of number that was logged.
        return int(value)
    return NULL if value is None else value


def _listed(run: RunObject, texts: Sequence[str]) -> list[str]:
    # Tags are looked up by their ids each time.
    run.environment.budget.take_steps(len(texts))
    return list(texts)


def _experiment(run: RunObject) -> Any:
    name = run.view.experiment
    return NULL if name is None else name


def _finalized_at(run: RunObject) -> datetime | None:
    end_time = run.view.end_time
    return None if end_time is None else run.local_time(end_time)


def _updated_at(run: RunObject) -> datetime | None:
    updated_at = run.view.updated_at
    return None if updated_at is None else naive_utc(updated_at)


def _duration(run: RunObject) -> float:
    end_time = run.view.end_time
    return (run.environment.now if end_time is None else end_time) - run.view.creation_time


RUN_PROPERTIES: Final[Mapping[str, Callable[[RunObject], Any]]] = {
    "hash": lambda run: run.view.hash,
    "name": lambda run: run.view.name,
    "description": lambda run: run.view.description,
    "experiment": _experiment,
    "tags": lambda run: _listed(run, run.view.tags),
    "archived": lambda run: run.view.archived,
    "active": lambda run: run.view.active,
    "created_at": lambda run: run.local_time(run.view.creation_time),
    "finalized_at": _finalized_at,
    "creation_time": lambda run: run.view.creation_time,
    "end_time": lambda run: run.view.end_time,
    "duration": _duration,
    "updated_at": _updated_at,
    "notes": lambda run: _listed(run, run.notes()),
    "info": lambda run: RunInfo(),
    "metrics": lambda run: MetricsObject(run.view, run.environment.budget),
}
"""Properties win over parameters in attribute form. Only the first two times follow the client's zone."""
