"""The entry of the language: a text becomes a compiled query once, and is asked for every run and every sequence."""

import ast
import functools
from collections.abc import Callable
from typing import Final

from query_api.language.archived import hides_archived_runs
from query_api.language.check import check
from query_api.language.errors import (
    EVALUATION_ERRORS,
    QueryBudgetExceeded,
    QueryRejected,
    QuerySyntaxError,
)
from query_api.language.interpreter.closures import Evaluator, compile_tree
from query_api.language.interpreter.frames import Frame
from query_api.language.objects import RunObject, SequenceObject
from query_api.language.outcomes import Outcome, Possible, compile_outcomes
from query_api.language.plan import QueryPlan, plan
from query_api.language.scope import QueryKind
from query_api.language.source import check_enclosed, parse, read_source
from query_api.language.views import QueryEnvironment, RunView, SequenceView

_SHORT_TEXT: Final = 1_000
_SHORT_ENTRIES: Final = 1_000
_LONG_ENTRIES: Final = 16
"""Long texts are selections that a person will not repeat, and their trees are large."""


class CompiledQuery:
    """One checked query. Immutable; the environment and the data come with each call.

    Every method that evaluates raises QueryBudgetExceeded when the budget of the environment is used up, QueryRejected
    for a method of a value that the language does not support, and RunDataError when a view fails.
    """

    __slots__ = ("_evaluate", "_outcomes", "_tree", "hides_archived", "kind")

    def __init__(
        self, tree: ast.expr | None, kind: QueryKind, hides_archived: bool, evaluate: Evaluator, outcomes: Possible
    ) -> None:
        self._tree = tree
        self._evaluate = evaluate
        self._outcomes = outcomes
        self.kind = kind
        self.hides_archived = hides_archived

    def matches_run(self, run: RunView, env: QueryEnvironment) -> bool:
        """Run search: whether the run belongs to the answer."""
        if self.hides_archived and run.archived:
            return False
        return self._is_true(Frame(RunObject(run, env), None, env.budget))

    def matches_sequence(self, run: RunView, sequence: SequenceView, env: QueryEnvironment) -> bool:
        """Sequence search: whether this sequence of the run belongs to the answer."""
        if self.hides_archived and run.archived:
            return False
        run_object = RunObject(run, env)
        return self._is_true(Frame(run_object, SequenceObject(run_object, sequence), env.budget))

    def run_may_match(self, run: RunView, env: QueryEnvironment) -> bool:
        """Sequence search: False only if no sequence of the run can match. In a run search as `matches_run`."""
        if self.hides_archived and run.archived:
            return False
        frame = Frame(RunObject(run, env), None, env.budget)
        return _within_item(frame, lambda: Outcome.TRUE in self._outcomes(frame))

    def plan(self, tz_offset_minutes: int) -> QueryPlan:
        """What to ask of the stores; tz_offset_minutes as in the environment."""
        return plan(self._tree, self.kind, self.hides_archived, tz_offset_minutes)

    def _is_true(self, frame: Frame) -> bool:
        return _within_item(frame, lambda: bool(self._evaluate(frame)))


def _within_item(frame: Frame, evaluate: Callable[[], bool]) -> bool:
    budget = frame.budget
    budget.begin_item()
    try:
        return evaluate()
    except EVALUATION_ERRORS:
        # The rule of the language: an item whose evaluation fails does not match, and nobody is told.
        return False
    except MemoryError:
        raise QueryBudgetExceeded("The query needs more memory than there is.") from None
    finally:
        budget.end_item()


def compile_query(text: str, kind: QueryKind) -> CompiledQuery:
    """Compile a search text, or take it from the cache; errors are cached as well.

    Raises QuerySyntaxError or QueryRejected. An empty text matches every run that is not archived.
    """
    text = text.strip()
    known = _compile_short if len(text) <= _SHORT_TEXT else _compile_long
    result = known(text, kind)
    if isinstance(result, QuerySyntaxError):
        # A raised error collects tracebacks, so the one in the cache is never raised itself.
        raise QuerySyntaxError(result.message, result.detail)
    if isinstance(result, QueryRejected):
        raise QueryRejected(result.message, result.detail)
    return result


def _compile(text: str, kind: QueryKind) -> CompiledQuery | QuerySyntaxError | QueryRejected:
    try:
        return _compiled(text, kind)
    except (QuerySyntaxError, QueryRejected) as error:
        return type(error)(error.message, error.detail)


_compile_short = functools.lru_cache(_SHORT_ENTRIES)(_compile)
_compile_long = functools.lru_cache(_LONG_ENTRIES)(_compile)


def _compiled(text: str, kind: QueryKind) -> CompiledQuery:
    source = read_source(text)
    if source.had_select and kind != "run":
        raise QueryRejected("SELECT … IF is understood in a search of runs only.")
    hides_archived = hides_archived_runs(source.text)
    if not source.text:
        return CompiledQuery(None, kind, hides_archived, _always, _always_possible)
    tree = parse(source)
    check(tree, source)
    check_enclosed(source)
    return CompiledQuery(tree, kind, hides_archived, compile_tree(tree, kind), compile_outcomes(tree, kind))


def _always(frame: Frame) -> bool:
    return True


def _always_possible(frame: Frame) -> Outcome:
    return Outcome.TRUE
