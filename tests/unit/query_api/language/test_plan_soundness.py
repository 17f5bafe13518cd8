from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.query_api.language.random_queries import METRIC_QUERIES, RUN_QUERIES
from tests.unit.query_api.language.recorded import load
from tests.unit.query_api.language.soundness import assert_plan_is_sound

from query_api.language.compiled import compile_query

RUNS, _ = load()
OFFSETS = st.sampled_from([0, -240, 300])


@given(RUN_QUERIES, OFFSETS)
@settings(max_examples=250, deadline=None)
def test_no_run_that_matches_is_outside_the_predicate(text: str, tz_offset: int) -> None:
    assert_plan_is_sound(compile_query(text, "run"), RUNS, tz_offset)


@given(METRIC_QUERIES, OFFSETS)
@settings(max_examples=120, deadline=None)
def test_no_sequence_that_matches_is_outside_the_plan(text: str, tz_offset: int) -> None:
    assert_plan_is_sound(compile_query(text, "metric"), RUNS[::2], tz_offset)
