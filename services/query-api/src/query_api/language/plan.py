"""From a checked tree to what a store can answer first: a predicate on runs and a bound on the names of sequences.

Each node has two bounds: the runs for which it may be true and those for which it may be false. An evaluation has three
outcomes, and an error is neither; so `not` only swaps the bounds, and both stay supersets where the complement of one
would not. Order and short circuits matter for errors alone; the evaluation that follows settles them.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from query_api.language.literals import is_flat_literal, is_literal, literal_items, literal_value, walk
from query_api.language.names import ALL_NAMES, NO_NAMES, NameSet
from query_api.language.predicates import (
    EVERYTHING,
    NOTHING,
    ActiveIs,
    ArchivedIs,
    CreatedBetween,
    ExperimentIn,
    HashIn,
    HasTag,
    NameIn,
    Not,
    RunPredicate,
    both,
    either,
)
from query_api.language.scope import RUN_NAME, QueryKind, is_known, sequence_name

_MAX_SIZE: Final = 500
"""Parts of one predicate; a conditional inside the test of another doubles them."""
_CLOCK_SLACK_SECONDS: Final = 0.001
"""Stores may keep milliseconds, and a float of epoch seconds is no exact microsecond."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to ask of the stores before the evaluation."""

    predicate: RunPredicate
    """Holds for every run that can match; in a sequence search, for every run with a sequence that can match."""
    exact: bool
    """The predicate is the query: no run needs to be evaluated."""
    names: frozenset[str] | None
    """Sequence search: no sequence of another name can match. None sets no bound."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    true: RunPredicate = EVERYTHING
    false: RunPredicate = EVERYTHING
    true_names: NameSet = ALL_NAMES
    false_names: NameSet = ALL_NAMES
    exact: bool = False
    size: int = 1


_UNKNOWN: Final = _Bounds()
_ERROR: Final = _Bounds(NOTHING, NOTHING, NO_NAMES, NO_NAMES)
_TRUE: Final = _Bounds(EVERYTHING, NOTHING, ALL_NAMES, NO_NAMES, exact=True)
_FALSE: Final = _Bounds(NOTHING, EVERYTHING, NO_NAMES, ALL_NAMES, exact=True)


def plan(tree: ast.expr | None, kind: QueryKind, hides_archived: bool, tz_offset_minutes: int) -> QueryPlan:
    """tree: None for an empty query. tz_offset_minutes: UTC minus local time, for literals of dates."""
    bounds = _TRUE if tree is None else _Planner(tree, kind, tz_offset_minutes).bounds(tree)
    predicate = both(ArchivedIs(False), bounds.true) if hides_archived else bounds.true
    return QueryPlan(predicate, bounds.exact, bounds.true_names.finite())


class _Planner:
    def __init__(self, tree: ast.expr, kind: QueryKind, tz_offset_minutes: int) -> None:
        self._kind: QueryKind = kind
        self._offset = timedelta(minutes=tz_offset_minutes)
        self._rebound = frozenset(node.target.id for node in walk(tree) if isinstance(node, ast.NamedExpr))

    def bounds(self, node: ast.expr) -> _Bounds:
        if self._surely_fails(node):
            return _ERROR
        if is_literal(node):
            return _TRUE if literal_value(node) else _FALSE
        if isinstance(node, (ast.Tuple, ast.List)) and not node.elts:
            return _FALSE
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            part = self.bounds(node.operand)
            return _Bounds(part.false, part.true, part.false_names, part.true_names, part.exact, part.size)
        if isinstance(node, ast.BoolOp):
            return self._boolean(node)
        if isinstance(node, ast.IfExp):
            return self._conditional(node)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if self._run_field(node) in _FLAGS:
            return _flag(self._run_field(node), True)
        return _UNKNOWN

    def _surely_fails(self, node: ast.expr) -> bool:
        """Whether evaluation must begin with a name that nothing binds."""
        if isinstance(node, ast.Name):
            return not is_known(node.id, self._kind) and node.id not in self._rebound
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return self._surely_fails(node.value)
        if isinstance(node, ast.Call):
            return self._surely_fails(node.func)
        if isinstance(node, ast.Compare):
            return self._surely_fails(node.left)
        if isinstance(node, ast.UnaryOp):
            return self._surely_fails(node.operand)
        if isinstance(node, ast.BinOp):
            return self._surely_fails(node.left) or self._surely_fails(node.right)
        return False

    def _boolean(self, node: ast.BoolOp) -> _Bounds:
        parts = [self.bounds(part) for part in node.values]
        exact = all(part.exact for part in parts)
        size = sum(part.size for part in parts)
        if size > _MAX_SIZE:
            return _UNKNOWN
        all_true, any_false = both(*(part.true for part in parts)), either(*(part.false for part in parts))
        any_true, all_false = either(*(part.true for part in parts)), both(*(part.false for part in parts))
        true_names, false_names = [part.true_names for part in parts], [part.false_names for part in parts]
        if isinstance(node.op, ast.And):
            return _Bounds(all_true, any_false, NameSet.common(true_names), NameSet.union(false_names), exact, size)
        return _Bounds(any_true, all_false, NameSet.union(true_names), NameSet.common(false_names), exact, size)

    def _conditional(self, node: ast.IfExp) -> _Bounds:
        test, body, otherwise = self.bounds(node.test), self.bounds(node.body), self.bounds(node.orelse)
        size = 2 * (2 * test.size + body.size + otherwise.size)
        if size > _MAX_SIZE:
            return _UNKNOWN
        return _Bounds(
            either(both(test.true, body.true), both(test.false, otherwise.true)),
            either(both(test.true, body.false), both(test.false, otherwise.false)),
            _chosen_names(test, body.true_names, otherwise.true_names),
            _chosen_names(test, body.false_names, otherwise.false_names),
            test.exact and body.exact and otherwise.exact,
            size,
        )

    def _comparison(self, node: ast.Compare) -> _Bounds:
        operands = [node.left, *node.comparators]
        pieces = [
            self._pair(left, op, right) for left, op, right in zip(operands, node.ops, operands[1:], strict=False)
        ]
        if len(pieces) == 1:
            return pieces[0]
        return _Bounds(
            both(*(piece.true for piece in pieces)),
            either(*(piece.false for piece in pieces)),
            NameSet.common([piece.true_names for piece in pieces]),
            NameSet.union([piece.false_names for piece in pieces]),
            all(piece.exact for piece in pieces),
            sum(piece.size for piece in pieces),
        )

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> _Bounds:
        if isinstance(op, (ast.In, ast.NotIn)):
            positive = self._membership(left, right)
            negated = isinstance(op, ast.NotIn)
        elif isinstance(op, (ast.Eq, ast.NotEq)):
            positive = self._equality(left, right)
            negated = isinstance(op, ast.NotEq)
        else:
            positive, negated = self._order(left, op, right), False
        return _swapped(positive) if negated else positive

    def _membership(self, left: ast.expr, right: ast.expr) -> _Bounds:
        if is_literal(left) and self._run_field(right) == "tags":
            value = literal_value(left)
            return _exactly(HasTag(value)) if isinstance(value, str) else _FALSE
        if is_flat_literal(right) and not self._cannot_be_key(left, right):
            return self._one_of(left, literal_items(right))
        return _UNKNOWN

    def _cannot_be_key(self, field: ast.expr, container: ast.expr) -> bool:
        """A set refuses the null object that stands for a missing experiment."""
        return isinstance(container, ast.Set) and self._run_field(field) == "experiment"

    def _equality(self, left: ast.expr, right: ast.expr) -> _Bounds:
        if is_literal(left):
            left, right = right, left
        if is_literal(right):
            value = literal_value(right)
            return (
                self._one_of(left, [value]) if _is_created(self._run_field(left)) is None else self._moment(left, right)
            )
        for moment, other in ((left, right), (right, left)):
            if self._run_field(moment) == "created_at":
                return self._moment(moment, other)
        return _UNKNOWN

    def _moment(self, field: ast.expr, literal: ast.expr) -> _Bounds:
        seconds = self._seconds(self._run_field(field), literal)
        if seconds is None:
            return _UNKNOWN
        return _Bounds(CreatedBetween(seconds - _CLOCK_SLACK_SECONDS, seconds + _CLOCK_SLACK_SECONDS))

    def _one_of(self, field: ast.expr, values: list[Any]) -> _Bounds:
        """`field in values`, for fields that compare as plain values do."""
        name = self._run_field(field)
        if name in _FLAGS:
            outcomes = {value for value in (True, False) if value in values}
            return _UNKNOWN if len(outcomes) != 1 else _flag(name, outcomes.pop())
        texts = frozenset(value for value in values if isinstance(value, str))
        if self._is_sequence_name(field):
            matching = NameSet(texts)
            return _Bounds(true_names=matching, false_names=matching.complement())
        if name == "experiment":
            return _exactly(ExperimentIn(texts | ({None} if None in values else frozenset())))
        if name == "hash":
            return _exactly(HashIn(texts))
        return _exactly(NameIn(texts)) if name == "name" else _UNKNOWN

    def _order(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> _Bounds:
        below = isinstance(op, (ast.Lt, ast.LtE))
        if not below and not isinstance(op, (ast.Gt, ast.GtE)):
            return _UNKNOWN
        if _is_created(self._run_field(right)) is not None:
            left, right, below = right, left, not below
        seconds = self._seconds(self._run_field(left), right)
        if seconds is None:
            return _UNKNOWN
        before = CreatedBetween(None, seconds + _CLOCK_SLACK_SECONDS)
        after = CreatedBetween(seconds - _CLOCK_SLACK_SECONDS, None)
        return _Bounds(before, after) if below else _Bounds(after, before)

    def _seconds(self, field: str | None, literal: ast.expr) -> float | None:
        """The epoch seconds that a literal means beside a field of the creation; None if it is no such literal."""
        if field == "creation_time" and is_literal(literal):
            value = literal_value(literal)
            # NaN compares false with everything, and an integer may be too large for a float.
            return float(value) if type(value) in (int, float) and abs(value) < 1e15 else None
        if field == "created_at":
            moment = self._date_literal(literal)
            return None if moment is None else (moment - _EPOCH + self._offset).total_seconds()
        return None

    def _date_literal(self, node: ast.expr) -> datetime | None:
        """The value of `datetime(2024, 3, 10)` and the like."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "datetime":
            return None
        if (
            len(node.args) > len(_DATE_PARTS)
            or "datetime" in self._rebound
            or not all(_is_whole(part) for part in node.args)
        ):
            return None
        if not all(part.arg in _DATE_PARTS and _is_whole(part.value) for part in node.keywords):
            return None
        parts: dict[str, Any] = {
            name: literal_value(part) for name, part in zip(_DATE_PARTS, node.args, strict=False)
        } | {part.arg: literal_value(part.value) for part in node.keywords if part.arg is not None}
        try:
            return datetime(**parts, tzinfo=UTC).replace(tzinfo=None)
        except (TypeError, ValueError, OverflowError):
            return None

    def _run_field(self, node: ast.expr) -> str | None:
        """The name after `run.`, if the node is just that."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == RUN_NAME:
            return node.attr if RUN_NAME not in self._rebound else None
        return None

    def _is_sequence_name(self, node: ast.expr) -> bool:
        owner = sequence_name(self._kind)
        return (
            isinstance(node, ast.Attribute)
            and node.attr == "name"
            and isinstance(node.value, ast.Name)
            and node.value.id == owner
            and owner not in self._rebound
        )


_EPOCH: Final = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
_DATE_PARTS: Final = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_FLAGS: Final[dict[str | None, Callable[[bool], RunPredicate]]] = {"archived": ArchivedIs, "active": ActiveIs}


def _flag(field: str | None, value: bool) -> _Bounds:
    build = _FLAGS[field]
    return _Bounds(build(value), build(not value), exact=True)


def _exactly(atom: HashIn | NameIn | ExperimentIn | HasTag) -> _Bounds:
    return _Bounds(atom, Not(atom), exact=True)


def _swapped(bounds: _Bounds) -> _Bounds:
    return _Bounds(bounds.false, bounds.true, bounds.false_names, bounds.true_names, bounds.exact, bounds.size)


def _chosen_names(test: _Bounds, body: NameSet, otherwise: NameSet) -> NameSet:
    return NameSet.union([NameSet.common([test.true_names, body]), NameSet.common([test.false_names, otherwise])])


def _is_created(field: str | None) -> str | None:
    return field if field in ("created_at", "creation_time") else None


def _is_whole(node: ast.expr) -> bool:
    return is_literal(node) and type(literal_value(node)) is int
