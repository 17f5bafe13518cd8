"""The recorded answers of the reference, core, quirk and safety, over the recorded dataset."""

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest
from tests.unit.query_api.language.recorded import RecordedRun, environment, load, runs_of
from tests.unit.query_api.language.soundness import assert_plan_is_sound
from tests.vectors.deviations import QUERY_DEVIATIONS
from tests.vectors_support.queries import Recorded, as_recorded, comparable, suites

from query_api.language.compiled import compile_query
from query_api.language.errors import QueryBudgetExceeded, QueryRejected, QuerySyntaxError

RUNS, CASES = load()
ALL = [
    pytest.param(runs, case, id=suite.case_name(case))
    for suite in suites()
    for runs in [runs_of(suite)]
    for case in suite.cases
]


def answer(runs: Sequence[RecordedRun], text: str, kind: Any, tz_offset: int) -> Recorded:
    """In the shape of the recorded answers; sequences in the order of the runs."""
    try:
        return _results(runs, text, kind, tz_offset)
    except (QuerySyntaxError, QueryRejected) as error:
        detail = error.detail
        found = {
            "statement": detail.statement,
            "line": detail.line,
            "offset": detail.offset,
            "end_offset": detail.end_offset,
        }
        return {"error": {"status": 400, "body": {"message": "SyntaxError", "detail": found}}}
    except QueryBudgetExceeded:
        return {"error": {"status": 400}}


def _results(runs: Sequence[RecordedRun], text: str, kind: Any, tz_offset: int) -> Recorded:
    query = compile_query(text, kind)
    env = environment(tz_offset, clock=time.perf_counter)
    if kind == "run":
        return {"hashes": [run.hash for run in runs if query.matches_run(run, env)]}
    return {
        "sequences": [
            [run.hash, sequence.name, sequence.context]
            for run in runs
            if query.run_may_match(run, env)
            for sequence in run.of_kind(kind)
            if query.matches_sequence(run, sequence, env)
        ]
    }


@pytest.mark.parametrize(("runs", "case"), [one for one in ALL if one.values[1]["id"] not in QUERY_DEVIATIONS])  # type: ignore[index]  # the cases are objects
def test_the_answer_is_the_recorded_one(runs: list[RecordedRun], case: dict[str, Any]) -> None:
    given = answer(runs, case["q"], case["kind"], case["tz_offset"])
    assert as_recorded(given, case), given


@pytest.mark.parametrize("case", [c for c in CASES if "body" in c["expect"].get("error", {})], ids=lambda c: c["id"])
def test_our_parser_points_where_the_reference_did(case: dict[str, Any]) -> None:
    assert answer(RUNS, case["q"], case["kind"], case["tz_offset"]) == case["expect"]


@pytest.mark.parametrize("case_id", sorted(QUERY_DEVIATIONS))
def test_a_deviation_answers_as_its_equivalent(case_id: str) -> None:
    case = next(case for case in CASES if case["id"] == case_id)
    given = answer(RUNS, case["q"], case["kind"], case["tz_offset"])
    assert "error" not in given
    same = answer(RUNS, QUERY_DEVIATIONS[case_id].same_as, case["kind"], case["tz_offset"])
    assert comparable(given) == comparable(same)
    assert not as_recorded(given, case), "it deviates no longer"


def test_only_quirks_may_deviate() -> None:
    classes = {case["id"]: case["class"] for case in CASES}
    assert {classes[case_id] for case_id in QUERY_DEVIATIONS} == {"quirk"}


@pytest.mark.parametrize(("runs", "case"), ALL)
def test_the_plan_of_a_recorded_query_holds_for_every_answer(runs: list[RecordedRun], case: dict[str, Any]) -> None:
    try:
        query = compile_query(case["q"], case["kind"])
    except (QuerySyntaxError, QueryRejected):
        return
    assert_plan_is_sound(query, runs, case["tz_offset"])


def test_a_query_changes_no_stored_value() -> None:
    before = [json.dumps(run.stored_params) for run in RUNS]
    for case in CASES:
        answer(RUNS, case["q"], case["kind"], case["tz_offset"])
    assert [json.dumps(run.stored_params) for run in RUNS] == before
