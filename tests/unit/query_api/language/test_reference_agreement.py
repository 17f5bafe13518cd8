"""The interpreter says of every expression what Python says of it over stand-ins: true, false, or a failure."""

import os

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.query_api.language.random_expressions import METRIC_TEXTS, RUN_TEXTS, RUNS
from tests.unit.query_api.language.recorded import RecordedRun, environment
from tests.unit.query_api.language.reference import Outcome, outcome_of
from tests.unit.query_api.language.soundness import assert_plan_is_sound

from query_api.language.compiled import CompiledQuery, compile_query
from query_api.language.errors import QueryBudgetExceeded, QuerySyntaxError
from query_api.language.scope import QueryKind

EXAMPLES = int(os.environ.get("TALLYBOOK_QUERY_EXAMPLES", "300"))
OFFSETS = st.sampled_from([0, -240, 330])
_SEES_ALL = "run.archived"
"""A text with these words leaves archived runs in; as a string it changes nothing else."""


def asked(text: str, kind: QueryKind) -> tuple[CompiledQuery, CompiledQuery]:
    """The query and its negation: together they tell a false answer from a failure."""
    return (
        compile_query(f"({text}) and '{_SEES_ALL}'", kind),
        compile_query(f"(not ({text})) and '{_SEES_ALL}'", kind),
    )


def told(matches: bool, denied: bool) -> Outcome:
    assert not (matches and denied)
    return "true" if matches else "false" if denied else "error"


@given(RUN_TEXTS, RUNS, OFFSETS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_random_expressions_over_random_runs(text: str, run: RecordedRun, offset: int) -> None:
    try:
        query, negation = asked(text, "run")
        env = environment(offset)
        answer = told(query.matches_run(run, env), negation.matches_run(run, env))
    except QuerySyntaxError:
        assert outcome_of(text, run, offset) == "no expression"
        return
    except QueryBudgetExceeded:
        assume(False)
    assert answer == outcome_of(text, run, offset)
    assert_plan_is_sound(query, [run], offset)
    assert_plan_is_sound(compile_query(text, "run"), [run], offset)


@given(METRIC_TEXTS, RUNS, OFFSETS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_random_expressions_over_sequences(text: str, run: RecordedRun, offset: int) -> None:
    try:
        query, negation = asked(text, "metric")
        env = environment(offset)
        answers = [
            told(query.matches_sequence(run, one, env), negation.matches_sequence(run, one, env))
            for one in run.sequences
        ]
    except QuerySyntaxError:
        assert {outcome_of(text, run, offset, one) for one in run.sequences} <= {"no expression"}
        return
    except QueryBudgetExceeded:
        assume(False)
    assert answers == [outcome_of(text, run, offset, one) for one in run.sequences]
    assert_plan_is_sound(query, [run], offset)
    assert_plan_is_sound(compile_query(text, "metric"), [run], offset)
