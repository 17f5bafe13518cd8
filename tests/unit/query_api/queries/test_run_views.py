"""A stored run as queries meet it: its metrics are found by name and exact context."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.command_api.support import run_document
from tests.unit.projector.fold.builders import run_of, tracked

from contracts.events import Event
from contracts.trees import pack
from projector.projections.series_order import ordered_series
from query_api.language.values import same_context
from query_api.queries.run_views import StoredRun
from stores.runs.catalog import Catalog

NAMES = ["", "a", "a/b", "b", "\uffff", "\U0001f600", "é"]
CONTEXTS: list[dict[str, Any]] = [{}, {"k": 1}, {"k": 2, "l": [1, 2]}, {"k": None}]


def stored(*series: tuple[str, dict[str, Any]]) -> StoredRun:
    """A run as the projector writes it."""
    events: list[Event] = [tracked([(0, 1.0)], name=name, context=context) for name, context in series]
    return StoredRun(replace(run_document(), series=pack(ordered_series(run_of(*events)))), Catalog())


one = st.tuples(st.sampled_from(NAMES), st.sampled_from(CONTEXTS))


@settings(deadline=None)
@given(st.lists(one, min_size=1, max_size=12), one)
def test_a_metric_is_found_if_and_only_if_it_is_there(series: list[tuple[str, dict[str, Any]]], asked: Any) -> None:
    name, context = asked
    run = stored(*series)
    there = [s for s in run.summaries() if s.name == name and same_context(s.context, context)]
    assert run.metric(name, context) == (there[0] if there else None)
    assert bool(there) == (asked in series)


@pytest.mark.parametrize("context", [{"k": 2.0, "l": (1, 2)}, {"l": [1.0, 2], "k": 2}])
def test_a_context_is_found_however_it_is_written(context: dict[str, Any]) -> None:
    run = stored(*((name, context) for name in NAMES for context in CONTEXTS))
    found = run.metric("b", context)
    assert found is not None
    assert (found.name, found.context) == ("b", {"k": 2, "l": [1, 2]})


def test_a_run_without_metrics_has_none() -> None:
    assert StoredRun(run_document(), Catalog()).metric("a", {}) is None
