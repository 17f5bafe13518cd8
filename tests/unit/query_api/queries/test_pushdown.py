"""What a query's plan asks of the store: never less than the query means, and all of it where it says so."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.read_models import Experiment, RunDocument, Tag, to_document
from contracts.trees import pack
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
    holds,
)
from query_api.queries.pushdown import Bound, bound_of
from query_api.queries.run_views import StoredRun
from stores.documents.matching import matches
from stores.runs.catalog import Catalog

_EXPERIMENTS = {"e1": "vision", "e2": "language"}
_TAGS = {"t1": "prod", "t2": "old", "t3": "hidden"}

CATALOG = Catalog(
    experiments={
        key: Experiment(id=key, version=1, name=name, description=None, archived=False, created_at=0.0, position=1)
        for key, name in _EXPERIMENTS.items()
    },
    tags={
        key: Tag(id=key, version=1, name=name, color=None, description=None, archived=name == "hidden", position=1)
        for key, name in _TAGS.items()
    },
    aliases={"e9": "e1", "t9": "t1"},
)

_atoms: st.SearchStrategy[RunPredicate] = st.one_of(
    st.builds(HashIn, st.frozensets(st.sampled_from(["r1", "r2"]))),
    st.builds(NameIn, st.frozensets(st.sampled_from(["a", "b"]))),
    st.builds(ExperimentIn, st.frozensets(st.sampled_from(["vision", "language", "gone", None]))),
    st.builds(HasTag, st.sampled_from(["prod", "old", "hidden", "gone"])),
)
_numbers = st.none() | st.sampled_from([1.0, 2.0, 3.0])
_predicates: st.SearchStrategy[RunPredicate] = st.recursive(
    st.one_of(
        _atoms,
        st.builds(Not, _atoms),
        st.sampled_from([EVERYTHING, NOTHING]),
        st.builds(ArchivedIs, st.booleans()),
        st.builds(ActiveIs, st.booleans()),
        st.builds(CreatedBetween, _numbers, _numbers),
    ),
    lambda parts: st.lists(parts, min_size=1, max_size=3).flatmap(
        lambda chosen: st.sampled_from([And(tuple(chosen)), Or(tuple(chosen))])
    ),
    max_leaves=8,
)


def _document(id: str, name: str, experiment_id: str | None, tag_ids: list[str], flags: int, at: float) -> RunDocument:
    return RunDocument(
        id=id,
        version=1,
        incarnation=0,
        phase="live",
        name=name,
        description=None,
        experiment_id=experiment_id,
        tag_ids=tag_ids,
        archived=bool(flags & 1),
        active=bool(flags & 2),
        created_at=at,
        ended_at=None if flags & 2 else at + 1,
        updated_at=at,
        params=pack({}),
        series=pack([]),
    )


_runs = st.builds(
    _document,
    st.sampled_from(["r1", "r2", "r3"]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, "e1", "e2", "e9", "unknown"]),
    st.lists(st.sampled_from(["t1", "t2", "t3", "t9", "unknown"]), max_size=3),
    st.integers(0, 3),
    st.sampled_from([0.5, 1.0, 2.0, 3.0]),
)


def _lets_through(bound: Bound, document: dict[str, Any]) -> bool:
    return not bound.empty and (bound.where is None or matches(bound.where, document))


@given(_predicates, _runs)
def test_no_run_that_the_predicate_means_is_missed(predicate: RunPredicate, run: RunDocument) -> None:
    bound = bound_of(predicate, CATALOG)
    if holds(predicate, StoredRun(run, CATALOG)):
        assert _lets_through(bound, to_document(run))


@given(_predicates, _runs)
def test_an_exact_bound_lets_nothing_else_through(predicate: RunPredicate, run: RunDocument) -> None:
    bound = bound_of(predicate, CATALOG)
    if bound.exact:
        assert _lets_through(bound, to_document(run)) == holds(predicate, StoredRun(run, CATALOG))


def test_what_users_filter_by_most_is_exact() -> None:
    for predicate in (
        ArchivedIs(False),
        HashIn(frozenset({"r1"})),
        HasTag("prod"),
        ExperimentIn(frozenset({"vision"})),
        And((ArchivedIs(False), ActiveIs(True))),
    ):
        assert bound_of(predicate, CATALOG).exact


def test_very_many_exclusions_are_left_to_the_evaluation() -> None:
    many = frozenset(str(number) for number in range(1_000))
    assert bound_of(Not(HashIn(many)), CATALOG) == Bound(None, exact=False)
