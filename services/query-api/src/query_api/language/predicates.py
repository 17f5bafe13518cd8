"""A small closed algebra of conditions on runs that a store can answer."""

from dataclasses import dataclass
from typing import assert_never

from query_api.language.views import RunView


@dataclass(frozen=True, slots=True)
class Everything:
    """Holds for every run."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Holds for no run."""


@dataclass(frozen=True, slots=True)
class HashIn:
    hashes: frozenset[str]


@dataclass(frozen=True, slots=True)
class NameIn:
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class ExperimentIn:
    names: frozenset[str | None]
    """None stands for a run without an experiment."""


@dataclass(frozen=True, slots=True)
class HasTag:
    name: str
    """The exact name of a tag that is not archived."""


@dataclass(frozen=True, slots=True)
class ArchivedIs:
    value: bool


@dataclass(frozen=True, slots=True)
class ActiveIs:
    value: bool


@dataclass(frozen=True, slots=True)
class CreatedBetween:
    """Creation time in epoch seconds, UTC; both ends belong to it, None is open."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["RunPredicate", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["RunPredicate", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: HashIn | NameIn | ExperimentIn | HasTag
    """Only what says exactly what the query says may be negated: the complement of a superset is no superset."""


RunPredicate = (
    Everything
    | Nothing
    | HashIn
    | NameIn
    | ExperimentIn
    | HasTag
    | ArchivedIs
    | ActiveIs
    | CreatedBetween
    | And
    | Or
    | Not
)

EVERYTHING = Everything()
NOTHING = Nothing()


def both(*parts: RunPredicate) -> RunPredicate:
    """The intersection, simplified."""
    kept: dict[RunPredicate, None] = {}
    for part in parts:
        if part == NOTHING:
            return NOTHING
        kept.update(dict.fromkeys(part.parts if isinstance(part, And) else (part,)))
    kept.pop(EVERYTHING, None)
    if not kept:
        return EVERYTHING
    return next(iter(kept)) if len(kept) == 1 else And(tuple(kept))


def either(*parts: RunPredicate) -> RunPredicate:
    """The union, simplified."""
    kept: dict[RunPredicate, None] = {}
    for part in parts:
        if part == EVERYTHING:
            return EVERYTHING
        kept.update(dict.fromkeys(part.parts if isinstance(part, Or) else (part,)))
    kept.pop(NOTHING, None)
    if not kept:
        return NOTHING
    return next(iter(kept)) if len(kept) == 1 else Or(tuple(kept))


def holds(predicate: RunPredicate, run: RunView) -> bool:
    """What the predicate means: for stores in memory, and the measure of every translation for another store."""
    match predicate:
        case And(parts):
            return all(holds(part, run) for part in parts)
        case Or(parts):
            return any(holds(part, run) for part in parts)
        case Not(part):
            return not holds(part, run)
        case Everything() | Nothing():
            return isinstance(predicate, Everything)
        case _:
            return _atom_holds(predicate, run)


def _atom_holds(
    atom: HashIn | NameIn | ExperimentIn | HasTag | ArchivedIs | ActiveIs | CreatedBetween, run: RunView
) -> bool:
    match atom:
        case HashIn(hashes):
            return run.hash in hashes
        case NameIn(names):
            return run.name in names
        case ExperimentIn(experiments):
            return run.experiment in experiments
        case HasTag(name):
            return name in run.tags
        case ArchivedIs(value):
            return run.archived is value
        case ActiveIs(value):
            return run.active is value
        case CreatedBetween(low, high):
            return (low is None or low <= run.creation_time) and (high is None or run.creation_time <= high)
        case _:
            assert_never(atom)
