"""The pre-filter of a sequence search: can any sequence of this run match?

Parts that do not mention the sequence are evaluated as they are; parts that do have every outcome. `and`, `or`, `not`
and conditionals join the possible outcomes of their parts in the order of evaluation, so a run is left out only if no
sequence, whatever its values, could make the query true.
"""

import ast
from collections.abc import Callable
from enum import Flag, auto

from query_api.language.errors import EVALUATION_ERRORS
from query_api.language.interpreter.closures import Compiler, Evaluator, compile_tree
from query_api.language.interpreter.frames import Frame
from query_api.language.literals import walk
from query_api.language.scope import QueryKind, sequence_name


class Outcome(Flag):
    """What an evaluation may come to."""

    TRUE = auto()
    FALSE = auto()
    ERROR = auto()


_NONE = Outcome(0)
_ANY = Outcome.TRUE | Outcome.FALSE | Outcome.ERROR

Possible = Callable[[Frame], Outcome]


def compile_outcomes(tree: ast.expr, kind: QueryKind) -> Possible:
    """The possible outcomes of a query for a run, over all its possible sequences."""
    parts = _Parts(kind)
    if not parts.mentions_sequence(tree):
        return _evaluated(compile_tree(tree, kind))
    if any(isinstance(node, ast.NamedExpr) for node in walk(tree)):
        # A part may read what another part has assigned: they are no longer separate.
        return _anything
    return parts.compile(tree)


class _Parts:
    def __init__(self, kind: QueryKind) -> None:
        self._sequence_name = sequence_name(kind)
        self._compiler = Compiler(kind, frozenset())

    def compile(self, node: ast.expr) -> Possible:
        if not self.mentions_sequence(node):
            return _evaluated(self._compiler.compile(node))
        if isinstance(node, ast.BoolOp):
            parts = [self.compile(part) for part in node.values]
            return _joined(parts, Outcome.TRUE if isinstance(node.op, ast.And) else Outcome.FALSE)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _negated(self.compile(node.operand))
        if isinstance(node, ast.IfExp):
            return _chosen(self.compile(node.test), self.compile(node.body), self.compile(node.orelse))
        return _anything

    def mentions_sequence(self, node: ast.expr) -> bool:
        return any(isinstance(part, ast.Name) and part.id == self._sequence_name for part in walk(node))


def _anything(frame: Frame) -> Outcome:
    return _ANY


def _evaluated(evaluate: Evaluator) -> Possible:
    def outcome(frame: Frame) -> Outcome:
        try:
            return Outcome.TRUE if evaluate(frame) else Outcome.FALSE
        except EVALUATION_ERRORS:
            return Outcome.ERROR

    return outcome


def _joined(parts: list[Possible], continues: Outcome) -> Possible:
    """`and` continues to the next part while true, `or` while false."""
    stops = Outcome.FALSE if continues is Outcome.TRUE else Outcome.TRUE

    def outcome(frame: Frame) -> Outcome:
        collected = _NONE
        for part in parts:
            possible = part(frame)
            collected |= possible & (stops | Outcome.ERROR)
            if continues not in possible:
                return collected
        return collected | continues

    return outcome


def _negated(part: Possible) -> Possible:
    def outcome(frame: Frame) -> Outcome:
        possible = part(frame)
        result = possible & Outcome.ERROR
        if Outcome.TRUE in possible:
            result |= Outcome.FALSE
        if Outcome.FALSE in possible:
            result |= Outcome.TRUE
        return result

    return outcome


def _chosen(test: Possible, body: Possible, otherwise: Possible) -> Possible:
    def outcome(frame: Frame) -> Outcome:
        possible = test(frame)
        result = possible & Outcome.ERROR
        if Outcome.TRUE in possible:
            result |= body(frame)
        if Outcome.FALSE in possible:
            result |= otherwise(frame)
        return result

    return outcome
