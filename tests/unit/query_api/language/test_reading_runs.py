"""What the interpreter asks of the views, and when."""

from typing import Any

import pytest
from tests.unit.query_api.language.recorded import NOW, RecordedRun, RecordedSequence, environment

from query_api.language.compiled import compile_query
from query_api.language.errors import QuerySyntaxError, RunDataError
from query_api.language.values import same_context


def a_run(**changes: Any) -> RecordedRun:
    fields: dict[str, Any] = {
        "hash": "aa", "name": "n", "description": None, "experiment": None, "tags": ["t"], "archived": False,
        "active": True, "creation_time": NOW - 100.0, "end_time": None,
        "stored_params": {"a": {"b": [1, 2]}, "s": "Text"},
    }  # fmt: skip
    return RecordedRun(**{**fields, **changes})


def matches(text: str, run: RecordedRun) -> bool:
    return compile_query(text, "run").matches_run(run, environment())


def test_parameters_are_not_read_unless_the_query_reaches_one() -> None:
    run = a_run()
    assert matches("run.hash == 'aa' or run.a.b", run)
    assert run.params_reads == 0
    assert matches("run.a.b and run.a and run.s", run)
    assert run.params_reads == 1


def test_an_archived_run_is_not_even_evaluated() -> None:
    run = a_run(archived=True)
    assert not matches("run.a.b", run)
    assert run.params_reads == 0


def test_the_pre_filter_keeps_a_run_whose_other_half_is_unknown() -> None:
    query = compile_query("not (metric.name == 'x' and run.s == 'Text')", "metric")
    assert query.run_may_match(a_run(), environment())
    query = compile_query("metric.name == 'x' and run.s == 'other'", "metric")
    assert not query.run_may_match(a_run(), environment())


def test_an_error_before_the_sequence_is_read_excludes_the_run() -> None:
    assert not compile_query("nope or metric.name == 'x'", "metric").run_may_match(a_run(), environment())
    assert compile_query("metric.name == 'x' or nope", "metric").run_may_match(a_run(), environment())


def test_the_three_kinds_of_missing_values_differ() -> None:
    run = a_run(stored_params={"a": {"none": None}})
    assert matches("run.nope == None and not run.nope != None and run.nope is not None", run)
    assert matches("run.a.nope != None and not run.a.nope == None and run.a.nope != run.a.nope", run)
    assert matches("run.a.none == None", run)
    assert not matches("'x' in run.a.none", run)


def test_a_value_that_is_nested_too_deeply_does_not_match() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert not matches("str(run.deep) == ''", a_run(stored_params={"deep": deep}))


def test_the_duration_of_an_active_run_ends_now() -> None:
    assert matches("run.duration == 100", a_run())
    assert matches("run.created_at == datetime.now() - timedelta(seconds=100)", a_run())


def test_a_stored_text_has_the_methods_of_texts() -> None:
    assert matches("run.s.lower().startswith('te') and run.s[-1] == 't' and run.s.replace('T', 'N') == 'Next'", a_run())


def test_a_key_wins_over_a_method_where_the_value_is_no_text() -> None:
    assert matches("run.a.lower == 3", a_run(stored_params={"a": {"lower": 3}}))


def test_the_context_of_a_metric_is_compared_by_value() -> None:
    assert same_context({"a": 1, "b": [1, 2]}, {"b": (1, 2), "a": 1.0})
    assert not same_context({"a": 1}, {"a": 1, "b": 2})
    sequence = RecordedSequence("metric", "loss", {"fold": 1}, 0.5, 9, 0, "float")
    assert matches("run.metrics['loss', {'fold': 1.0}].last == 0.5", a_run(sequences=[sequence]))


def test_a_view_that_fails_is_not_taken_for_a_run_that_does_not_match() -> None:
    class Broken(RecordedRun):
        def params(self) -> dict[str, Any]:
            raise KeyError("store")

    run = a_run()
    broken = Broken(**{name: getattr(run, name) for name in run.__dataclass_fields__})
    with pytest.raises(RunDataError) as caught:
        matches("run.x == 1", broken)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("run.x ==", ("(run.x ==)", 1, 10, 11)),
        ("run.x == 1\nand and", ("and and)", 2, 5, 8)),
        ("(lambda a, a: 1)", (None, 1, 13, 14)),
        ("[v for v in (w := [1])]", (None, 1, 2, 25)),
        ("a) or (b", ("[a) or (b]", 1, 3, 3)),
        ("\ud800", (None, None, None, None)),
    ],
)
def test_a_syntax_error_points_into_the_wrapped_text(text: str, position: tuple[Any, ...]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        compile_query(text, "run")
    detail = caught.value.detail
    assert (detail.statement, detail.line, detail.offset, detail.end_offset) == position


def test_warnings_of_the_parser_are_no_errors() -> None:
    assert matches(r"'\d' == '\\d' and 1or 0", a_run())
