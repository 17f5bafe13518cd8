"""Whatever the text, only the errors of the language come out, and the budget holds."""

import time
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.query_api.language.random_queries import METRIC_QUERIES
from tests.unit.query_api.language.recorded import environment, load

from query_api.language.compiled import compile_query
from query_api.language.errors import QueryError

RUNS, CASES = load()
SAMPLE = RUNS[::7]
TOKENS = st.sampled_from(
    [
        "run",
        "metric",
        ".",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "=",
        "==",
        "!=",
        "<",
        ">",
        "<=",
        "+",
        "-",
        "*",
        "**",
        "/",
        "//",
        "%",
        "@",
        "&",
        "|",
        "^",
        "~",
        "<<",
        ">>",
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "for",
        "lambda",
        "x",
        "y",
        "name",
        "tags",
        "hparams",
        "lr",
        "optimizer",
        "nope",
        "'a'",
        "'loss'",
        '"%s"',
        "f'{x}'",
        "f'{run.x:>9}'",
        "0",
        "1",
        "-1",
        "2",
        "0.5",
        "1e9",
        "10**6",
        "999999",
        "None",
        "True",
        "()",
        "[]",
        "{}",
        "...",
        "len(",
        "sum(",
        "max(",
        "sorted(",
        "any(",
        "range(",
        "str(",
        "int(",
        "set(",
        "list(",
        "math.",
        "factorial(",
        "datetime(",
        "timedelta(",
        ".lower()",
        ".get(",
        ".items()",
        ".append(",
        ".join(",
        ".format(",
        ":=",
        "",
        "[0]",
        "[1:]",
        "[-1]",
        "['k']",
        "\n",
        "#",
        "\\",
        ";",
        "yield",
        "await",
        "select",
        "if",
    ]
)
CASE_TEXTS = [case["q"] for case in CASES]


def survives(text: str, kind: Any) -> None:
    env = environment(clock=time.perf_counter)
    with suppress(QueryError):
        query = compile_query(text, kind)
        query.plan(0)
        for run in SAMPLE:
            query.run_may_match(run, env)
            for sequence in run.of_kind(kind):
                query.matches_sequence(run, sequence, env)
            if kind == "run":
                query.matches_run(run, env)
    # One operation may overrun the limit of 2 s, but not by much.
    assert env.budget.spent_seconds < 5.0


@given(st.lists(TOKENS, max_size=14).map(" ".join), st.sampled_from(["run", "metric"]))
@settings(max_examples=400, deadline=None)
def test_random_tokens(text: str, kind: str) -> None:
    survives(text, kind)


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_random_characters(text: str) -> None:
    survives(text, "run")


@given(st.sampled_from(CASE_TEXTS), st.sampled_from(CASE_TEXTS), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_recorded_queries_cut_and_joined(first: str, second: str, end: int, start: int) -> None:
    survives(first[:end] + second[start:], "run")


@given(METRIC_QUERIES, st.sampled_from(["str({})", "[{}] * 3", "sorted([{0}, {0}])", "(lambda v: v)({})", "{0} + {0}"]))
@settings(max_examples=100, deadline=None)
def test_random_trees(text: str, around: str) -> None:
    survives(around.format(text), "metric")
