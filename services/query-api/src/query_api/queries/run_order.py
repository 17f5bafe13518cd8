"""The order of a run search that the caller chose by `sort`; without it, runs come newest first."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from contracts.errors import BadRequest
from query_api.queries.run_views import StoredRun

SortField = Literal["run", "experiment", "hash", "date", "duration", "description", "creator"]


class SortKey(msgspec.Struct, frozen=True):
    field: SortField
    order: Literal["asc", "desc"] = "asc"


class SortRow(NamedTuple):
    """What stands for a run while runs are put in order. values: one for each key."""

    run_id: str
    created_at: float
    values: tuple[str | float, ...]


def parse_sort(text: str) -> list[SortKey]:
    """The keys of a JSON array, most important first; none for the order by age.

    What is empty or no array means no keys. Raises BadRequest for bad JSON, an unknown field or order.
    """
    if not text.strip():
        return []
    try:
        value = msgspec.json.decode(text)
        return msgspec.convert(value, list[SortKey]) if isinstance(value, list) else []
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"Invalid sort: {error}") from error


def sort_row(run: StoredRun, keys: Sequence[SortKey], now: float) -> SortRow:
    """Missing texts sort as empty ones. now: seconds UTC, the end of runs that are active."""
    return SortRow(run.hash, run.creation_time, tuple(_VALUES[key.field](run, now) for key in keys))


def in_order(rows: Sequence[SortRow], keys: Sequence[SortKey]) -> list[str]:
    """Ids of the runs; those that are equal in all keys newest first, ties by id."""
    ordered = sorted(rows, key=lambda row: (-row.created_at, row.run_id))
    for index in range(len(keys) - 1, -1, -1):
        ordered.sort(key=_value_at(index), reverse=keys[index].order == "desc")
    return [row.run_id for row in ordered]


def _value_at(index: int) -> Callable[[SortRow], Any]:
    return lambda row: row.values[index]


def _duration(run: StoredRun, now: float) -> float:
    return (now if run.end_time is None else run.end_time) - run.creation_time


_VALUES: dict[SortField, Callable[[StoredRun, float], str | float]] = {
    "run": lambda run, _: run.name,
    "experiment": lambda run, _: run.experiment or "",
    "hash": lambda run, _: run.hash,
    "date": lambda run, _: run.creation_time,
    "duration": _duration,
    "description": lambda run, _: run.description or "",
    "creator": lambda run, _: "",
}
