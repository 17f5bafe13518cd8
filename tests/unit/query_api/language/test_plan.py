from typing import Any

import pytest

from query_api.language.compiled import compile_query
from query_api.language.plan import QueryPlan
from query_api.language.predicates import (
    EVERYTHING,
    NOTHING,
    ActiveIs,
    And,
    ArchivedIs,
    CreatedBetween,
    ExperimentIn,
    HashIn,
    HasTag,
    NameIn,
    Not,
    Or,
    RunPredicate,
)

VISIBLE = ArchivedIs(False)


def plan_of(text: str, kind: Any = "run", tz_offset: int = 0) -> QueryPlan:
    return compile_query(text, kind).plan(tz_offset)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("run.hash == 'a'", HashIn(frozenset({"a"}))),
        ("'a' == run.hash", HashIn(frozenset({"a"}))),
        ("run.hash in ['a', 'b']", HashIn(frozenset({"a", "b"}))),
        ("run.name != 'a'", Not(NameIn(frozenset({"a"})))),
        ("run.experiment in ('a', None)", ExperimentIn(frozenset({"a", None}))),
        ("'t' not in run.tags", Not(HasTag("t"))),
        ("not run.active", ActiveIs(False)),
        ("run.active == False or run.name == 'a'", Or((ActiveIs(False), NameIn(frozenset({"a"}))))),
        ("not (run.active or run.name == 'a')", And((ActiveIs(False), Not(NameIn(frozenset({"a"})))))),
    ],
)
def test_what_a_store_knows_is_pushed_down_exactly(text: str, predicate: RunPredicate) -> None:
    plan = plan_of(text)
    parts = predicate.parts if isinstance(predicate, And) else (predicate,)
    assert plan == QueryPlan(And((VISIBLE, *parts)), exact=True, names=None)


def test_an_empty_query_is_all_runs_that_are_not_archived() -> None:
    assert plan_of("") == QueryPlan(VISIBLE, exact=True, names=None)


def test_a_mention_of_the_archived_flag_lifts_the_default() -> None:
    assert plan_of("run.archived") == QueryPlan(ArchivedIs(True), exact=True, names=None)
    assert plan_of("run.x == 'run.archived'").predicate == EVERYTHING


def test_an_empty_tuple_needs_no_run() -> None:
    assert plan_of("()").predicate == NOTHING


def test_an_unknown_name_can_neither_be_true_nor_false() -> None:
    assert plan_of("nope == 1").predicate == NOTHING
    assert plan_of("not nope.x").predicate == NOTHING
    assert plan_of("nope or run.hash == 'a'").predicate == And((VISIBLE, HashIn(frozenset({"a"}))))


def test_the_negation_of_an_unknown_part_stays_unknown() -> None:
    assert plan_of("not (run.x == 1 and run.hash == 'a')").predicate == VISIBLE
    assert plan_of("not (run.x == 1 or run.hash == 'a')").predicate == And((VISIBLE, Not(HashIn(frozenset({"a"})))))


def test_dates_are_local_and_a_little_wider_than_written() -> None:
    plan = plan_of("run.created_at >= datetime(2024, 3, 10)", tz_offset=-240)
    assert plan.predicate == And((VISIBLE, CreatedBetween(1710028800 - 240 * 60 - 0.001, None)))
    assert not plan.exact


def test_a_name_that_the_query_assigns_itself_is_not_pushed_down() -> None:
    assert plan_of("(run := 1) == 1 or run.hash == 'a'").predicate == VISIBLE


def test_tests_nested_in_tests_do_not_grow_the_predicate_without_limit() -> None:
    text = "run.active"
    for _ in range(40):
        text = f"(run.active if {text} else not run.active)"
    assert plan_of(text).predicate == VISIBLE


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("metric.name == 'a'", {"a"}),
        ("metric.name in ['a', 'b'] and metric.name != 'b'", {"a"}),
        ("metric.name == 'a' or metric.name == 'b' and run.x == 1", {"a", "b"}),
        ("metric.name == 'a' if run.x else metric.name == 'b'", {"a", "b"}),
        ("not (metric.name != 'a')", {"a"}),
        ("metric.name == 'a' or run.x == 1", None),
        ("metric.name.startswith('a')", None),
        ("images.name == 'a'", set()),
    ],
)
def test_names_of_sequences_are_bounded(text: str, names: set[str] | None) -> None:
    assert plan_of(text, "metric").names == names
