"""What every plan owes the evaluation that follows it."""

from collections.abc import Sequence
from typing import Any

from tests.unit.query_api.language.recorded import RecordedRun, environment

from query_api.language.compiled import CompiledQuery
from query_api.language.errors import QueryBudgetExceeded, QueryRejected
from query_api.language.predicates import holds


def assert_plan_is_sound(query: CompiledQuery, runs: Sequence[RecordedRun], tz_offset: int) -> None:
    """No match outside the predicate, the names or the pre-filter; an exact predicate is the query itself."""
    env = environment(tz_offset)
    plan = query.plan(tz_offset)
    try:
        for run in runs:
            if query.kind == "run":
                _check_run(query, run, env, plan)
            else:
                _check_sequences(query, run, env, plan)
    except (QueryBudgetExceeded, QueryRejected):
        # Such a query has no answer that a plan could lose.
        return


def _check_run(query: CompiledQuery, run: RecordedRun, env: Any, plan: Any) -> None:
    matched, possible = query.matches_run(run, env), holds(plan.predicate, run)
    assert possible or not matched, plan
    assert query.run_may_match(run, env) is matched
    assert not plan.exact or possible == matched, plan


def _check_sequences(query: CompiledQuery, run: RecordedRun, env: Any, plan: Any) -> None:
    matched = [sequence for sequence in run.of_kind(query.kind) if query.matches_sequence(run, sequence, env)]
    assert holds(plan.predicate, run) or not matched, plan
    assert query.run_may_match(run, env) or not matched
    assert plan.names is None or all(sequence.name in plan.names for sequence in matched), plan
    if plan.exact and holds(plan.predicate, run):
        assert len(matched) == len(run.of_kind(query.kind)), plan
