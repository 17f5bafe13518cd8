"""From a query's plan to a condition on run documents: what the store need not even read."""

from collections.abc import Iterable
from dataclasses import dataclass

from query_api.language.predicates import (
    ActiveIs,
    And,
    ArchivedIs,
    CreatedBetween,
    Everything,
    ExperimentIn,
    HashIn,
    HasTag,
    NameIn,
    Not,
    Nothing,
    Or,
    RunPredicate,
)
from stores.documents.port import AllOf, AnyOf, Condition, Where
from stores.runs.catalog import Catalog

_MOST_EXCLUSIONS = 50
"""Longer lists of what a field must not be cost the store more than evaluating the runs does."""


@dataclass(frozen=True, slots=True)
class Bound:
    """where: None for every run. exact: the condition says all that the predicate says. empty: no run at all."""

    where: Where | None
    exact: bool
    empty: bool = False


_ALL = Bound(None, exact=True)
_UNKNOWN = Bound(None, exact=False)
_NONE = Bound(None, exact=True, empty=True)


def bound_of(predicate: RunPredicate, catalog: Catalog) -> Bound:
    """A condition that holds for every run for which the predicate does."""
    match predicate:
        case Everything():
            return _ALL
        case Nothing():
            return _NONE
        case And(parts):
            return _both([bound_of(part, catalog) for part in parts])
        case Or(parts):
            return _either([bound_of(part, catalog) for part in parts])
        case ArchivedIs(value):
            return Bound(Condition("archived", "eq", value), exact=True)
        case ActiveIs(value):
            return Bound(Condition("active", "eq", value), exact=True)
        case CreatedBetween(low, high):
            return _between(low, high)
        case Not(part):
            return _excluded(part, catalog)
        case _:
            return _among(predicate, catalog)


def _both(parts: list[Bound]) -> Bound:
    if any(part.empty for part in parts):
        return _NONE
    conditions = tuple(part.where for part in parts if part.where is not None)
    return Bound(AllOf(conditions) if conditions else None, all(part.exact for part in parts))


def _either(parts: list[Bound]) -> Bound:
    parts = [part for part in parts if not part.empty]
    if not parts:
        return _NONE
    exact = all(part.exact for part in parts)
    conditions = [part.where for part in parts if part.where is not None]
    return Bound(AnyOf(tuple(conditions)), exact) if len(conditions) == len(parts) else Bound(None, exact)


def _between(low: float | None, high: float | None) -> Bound:
    ends = (("gte", low), ("lte", high))
    conditions = tuple(Condition("created_at", op, end) for op, end in ends if end is not None)
    return Bound(AllOf(conditions), exact=True) if conditions else _ALL


def _among(atom: HashIn | NameIn | ExperimentIn | HasTag, catalog: Catalog) -> Bound:
    match atom:
        case HashIn(hashes):
            return _in("_id", hashes)
        case NameIn(names):
            return _in("name", names)
        case ExperimentIn(names):
            # A run without an experiment may also be one whose experiment is gone: no short condition says that.
            return _UNKNOWN if None in names else _in("experiment_id", _experiment_ids(names, catalog))
        case HasTag(name):
            ids = sorted(_tag_ids(name, catalog))
            return Bound(AnyOf(tuple(Condition("tag_ids", "contains", i) for i in ids)), exact=True) if ids else _NONE


def _excluded(atom: HashIn | NameIn | ExperimentIn | HasTag, catalog: Catalog) -> Bound:
    match atom:
        case HashIn(hashes):
            return _not_in("_id", hashes)
        case NameIn(names):
            return _not_in("name", names)
        case ExperimentIn(names) if None not in names:
            return _not_in("experiment_id", _experiment_ids(names, catalog))
        case _:
            return _UNKNOWN


def _in(field: str, values: Iterable[str]) -> Bound:
    listed = sorted(values)
    return Bound(Condition(field, "in", listed), exact=True) if listed else _NONE


def _not_in(field: str, values: Iterable[str]) -> Bound:
    listed = sorted(values)
    if len(listed) > _MOST_EXCLUSIONS:
        return _UNKNOWN
    return Bound(AllOf(tuple(Condition(field, "ne", value) for value in listed)), exact=True) if listed else _ALL


def _experiment_ids(names: Iterable[str | None], catalog: Catalog) -> set[str]:
    wanted = set(names)
    ids = {experiment.id for experiment in catalog.experiments.values() if experiment.name in wanted}
    return ids | {alias for alias, target in catalog.aliases.items() if target in ids}


def _tag_ids(name: str, catalog: Catalog) -> set[str]:
    ids = {tag.id for tag in catalog.tags.values() if tag.name == name and not tag.archived}
    return ids | {alias for alias, target in catalog.aliases.items() if target in ids}
