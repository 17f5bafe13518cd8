"""What functions make of stored values; every answer is the one that the reference gave over the same values."""

import pytest
from tests.unit.query_api.language.recorded import NOW, RecordedRun, RecordedSequence, environment

from query_api.language.compiled import compile_query

RUN = RecordedRun(
    hash="aa", name="10", description=None, experiment=None, tags=[], archived=False, active=True,
    creation_time=NOW - 100.0, end_time=None,
    sequences=[
        RecordedSequence("metric", "steps", {}, 40.0, 4, 0, "int"),
        RecordedSequence("metric", "loss", {}, 40.0, 4, 0, "float"),
    ],
    stored_params={"text": "10", "word": "abc", "lr": "0.1", "d": {"k": "v"}, "n": 10, "l": [1, 2]},
)  # fmt: skip


def matches(text: str) -> bool:
    return compile_query(text, "run").matches_run(RUN, environment())


@pytest.mark.parametrize(
    "text",
    [
        "math.isfinite(run.lr)",
        "math.log10(run.text) == 1",
        "math.isclose(run.lr, 0.1)",
        "math.isclose(0.5, 0.6, abs_tol=run.lr)",
        "math.fsum(run.l) == 3",
        "math.floor(run.n) == 10",
        "'%d' % run.text == '10'",
        "'%5.2f' % run.lr == ' 0.10'",
        "'%s' % run.word == 'abc'",
        "'%s' % run.l == '[1, 2]'",
        "'%(k)s' % run.d == 'v'",
        "'%d' % (run.text,) == '10'",
        "run.n % 3 == 1",
    ],
)
def test_a_stored_text_is_the_number_that_it_spells_where_a_number_is_asked_for(text: str) -> None:
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "math.isfinite(run.word)",
        "math.isfinite(run.name)",
        "math.gcd(run.text, 5) == 5",
        "'%d' % run.word == 'abc'",
        "'%d' % run.name == '10'",
        "'%x' % run.text == 'a'",
        "run.text % 3 == 1",
        "run.text == 10",
        "run.text > 9",
    ],
)
def test_a_plain_text_and_a_word_are_no_numbers(text: str) -> None:
    assert not matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "reorder([1, 2, 3], [3, 1]) == [(3, 3), (1, 1)]",
        "reorder([('a', 1), ('b', 2)], ['b', 'a', 'c', 'b']) == [('b', 2), ('a', 1)]",
        "reorder([3, 1, 2, 1]) == [(3, 3), (1, 1), (2, 2)]",
        "reorder([1, 2, 3], None, [2]) == [(1, 1), (3, 3)]",
        "reorder(s=[1, 2], with_=[2, 1], without=[1]) == [(2, 2)]",
    ],
)
def test_reorder_follows_its_second_argument(text: str) -> None:
    assert matches(text)


def test_the_parts_of_a_week_date_have_names() -> None:
    assert matches("datetime(2024, 3, 10).isocalendar().week == 10 and datetime(2024, 3, 10).isocalendar()[1] == 10")
    assert matches("datetime(2024, 3, 10).isocalendar().weekday == 7 and len(run.created_at.isocalendar()) == 3")


@pytest.mark.parametrize(
    "text",
    [
        "isinstance(run.metrics['steps'].last, int)",
        "f'{run.metrics[\"steps\"].last}' == '40' and run.metrics['steps'].last == 40.0",
        "isinstance(run.metrics['loss'].last, float)",
        "str(run.metrics['loss'].last) == '40.0'",
    ],
)
def test_the_last_value_is_of_the_kind_that_was_logged(text: str) -> None:
    assert matches(text)


def test_so_is_that_of_a_sequence() -> None:
    query = compile_query("str(metric.last) == '40' and metric.last >> 3 == 5", "metric")
    found = [one.name for one in RUN.sequences if query.matches_sequence(RUN, one, environment())]
    assert found == ["steps"]


@pytest.mark.parametrize("value", ["run.lr", "run.unknown", "run.d.unknown", "run.experiment", "[1]"])
def test_what_has_keys_may_have_more_than_a_template_asks_for(value: str) -> None:
    assert matches(f"'a' % {value} == 'a'")


@pytest.mark.parametrize("value", ["run.name", "1", "(run.lr,)"])
def test_other_values_must_all_be_asked_for(value: str) -> None:
    assert not matches(f"'a' % {value} == 'a'")
