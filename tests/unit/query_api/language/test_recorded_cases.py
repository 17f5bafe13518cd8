"""The recorded answers of the reference, core, quirk and safety, over the recorded dataset."""

import json
import time
from typing import Any

import pytest
from tests.unit.query_api.language.deviations import DEVIATIONS
from tests.unit.query_api.language.recorded import environment, load
from tests.unit.query_api.language.soundness import assert_plan_is_sound

from query_api.language.compiled import compile_query
from query_api.language.errors import QueryBudgetExceeded, QueryRejected, QuerySyntaxError

RUNS, CASES = load()


def answer(text: str, kind: Any, tz_offset: int) -> dict[str, Any]:
    """In the shape of the recorded answers; sequences in the order of the runs."""
    try:
        return _results(text, kind, tz_offset)
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


def _results(text: str, kind: Any, tz_offset: int) -> dict[str, Any]:
    query = compile_query(text, kind)
    env = environment(tz_offset, clock=time.perf_counter)
    if kind == "run":
        return {"hashes": [run.hash for run in RUNS if query.matches_run(run, env)]}
    found = [
        [run.hash, sequence.name, sequence.context]
        for run in RUNS
        if query.run_may_match(run, env)
        for sequence in run.of_kind(kind)
        if query.matches_sequence(run, sequence, env)
    ]
    return {"sequences": _sorted(found)}


def _sorted(sequences: list[Any]) -> list[str]:
    return sorted(json.dumps(sequence, sort_keys=True) for sequence in sequences)


def _comparable(recorded: dict[str, Any]) -> dict[str, Any]:
    return {"sequences": _sorted(recorded["sequences"])} if "sequences" in recorded else recorded


def _is_empty(given: dict[str, Any]) -> bool:
    return given in ({"hashes": []}, {"sequences": []})


def _assert_recorded(given: dict[str, Any], case: dict[str, Any]) -> None:
    expected = case["expect"]
    if "any_of" in expected:
        allowed = {"error": "error" in given, "empty": _is_empty(given)}
        if "reference" in expected["any_of"]:
            allowed["reference"] = given == _comparable(case["reference"])
        assert any(allowed.get(name, False) for name in expected["any_of"]), given
    elif "error" in expected and "body" not in expected["error"]:
        assert given["error"]["status"] == expected["error"]["status"]
    else:
        assert given == _comparable(expected)


@pytest.mark.parametrize("case", [c for c in CASES if c["id"] not in DEVIATIONS], ids=lambda case: case["id"])
def test_the_answer_is_the_recorded_one(case: dict[str, Any]) -> None:
    _assert_recorded(answer(case["q"], case["kind"], case["tz_offset"]), case)


@pytest.mark.parametrize("case_id", sorted(DEVIATIONS))
def test_a_deviation_answers_as_its_equivalent(case_id: str) -> None:
    case = next(case for case in CASES if case["id"] == case_id)
    given = answer(case["q"], case["kind"], case["tz_offset"])
    assert "error" not in given
    assert given == answer(DEVIATIONS[case_id].same_as, case["kind"], case["tz_offset"])


def test_only_quirks_may_deviate() -> None:
    classes = {case["id"]: case["class"] for case in CASES}
    assert {classes[case_id] for case_id in DEVIATIONS} == {"quirk"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_plan_of_a_recorded_query_holds_for_every_answer(case: dict[str, Any]) -> None:
    try:
        query = compile_query(case["q"], case["kind"])
    except (QuerySyntaxError, QueryRejected):
        return
    assert_plan_is_sound(query, RUNS, case["tz_offset"])


def test_a_query_changes_no_stored_value() -> None:
    before = [json.dumps(run.stored_params) for run in RUNS]
    for case in CASES:
        answer(case["q"], case["kind"], case["tz_offset"])
    assert [json.dumps(run.stored_params) for run in RUNS] == before
