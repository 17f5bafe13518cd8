from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.projector.fold.builders import T0, fold_all, last_outcome, run_of

from contracts.blobs import Blob
from contracts.errors import InvalidEvent
from contracts.events import Image, Item, ObjectKind, ObjectRow, ObjectSeries, ObjectsTracked, RunDeleted, Text
from contracts.metric_points import NEXT_STEP
from contracts.read_models import ObjectSummary
from projector.fold.objects import fold_objects
from projector.fold.outcome import Applied
from projector.fold.run_state import pack_state, unpack_state

IMAGE = Image(Blob(hash="00" * 32))
TEXTS = ObjectSeries("texts", "prompt", {})


def row(step: int | None, *items: Item, series: int = 0, listed: bool = False, time: float = T0) -> ObjectRow:
    given = items if items or listed else (Text("x"),)
    return ObjectRow(series, NEXT_STEP if step is None else step, None, time, listed, given)


def tracked(*rows: ObjectRow, table: tuple[ObjectSeries, ...] = (TEXTS,)) -> ObjectsTracked:
    return ObjectsTracked(series=table, rows=rows)


def test_a_series_is_known_by_kind_name_and_context() -> None:
    table = (
        TEXTS,
        ObjectSeries("texts", "prompt", {"a": 1, "b": 2}),
        ObjectSeries("texts", "prompt", {"b": 2, "a": 1}),
        ObjectSeries("images", "prompt", {}),
    )
    event = tracked(row(0), row(1, series=1), row(2, series=2), row(3, IMAGE, series=3), table=table)
    found = {(one.kind, len(one.context)): one.records for one in run_of(event).objects.values()}
    assert found == {("texts", 0): 1, ("texts", 2): 2, ("images", 0): 1}


def test_a_summary_tells_ranges_and_lengths() -> None:
    events = (
        tracked(row(5, Text("a"), Text("b"), Text("c"), listed=True), row(2)),
        tracked(row(9), row(5), table=(ObjectSeries("texts", "prompt", {}, "text"),)),
    )
    (summary,) = run_of(*events).objects.values()
    assert summary == ObjectSummary("texts", "prompt", {}, "text", 2, 9, 3, 4)


def test_an_empty_list_has_no_length() -> None:
    (summary,) = run_of(tracked(row(0, listed=True))).objects.values()
    assert (summary.longest, summary.records) == (0, 1)


def test_a_step_that_was_left_out_follows_the_highest_of_its_series() -> None:
    outcomes = fold_all(
        [tracked(row(None), row(7), row(None), row(3), row(None)), tracked(row(None), row(None, IMAGE, series=1),
         table=(TEXTS, ObjectSeries("images", "prompt", {})))]
    )[1]  # fmt: skip
    steps = [outcome.steps for outcome in outcomes if isinstance(outcome, Applied)]
    assert steps == [(0, 7, 8, 3, 9), (10, 0)]


def test_negative_steps_are_kept() -> None:
    (summary,) = run_of(tracked(row(-5), row(None))).objects.values()
    assert (summary.first_step, summary.last_step) == (-5, -4)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (tracked(), "holds none"),
        (tracked(row(0, series=1)), "no series"),
        (tracked(row(0, series=-1)), "no series"),
        (tracked(row(0, IMAGE)), "holds texts"),
        (tracked(row(0, Text("a"), Text("b"))), "holds texts"),
        (tracked(row(0, time=float("nan"))), "without a time"),
        (tracked(row((1 << 63) - 1), row(None)), "no step"),
        (tracked(row(1 << 63)), "no step"),
        (tracked(row(0), table=(ObjectSeries("texts", "a", {"b": {1: 2, "c": 3}}),)), "without identity"),
    ],
)
def test_what_can_never_be_applied_is_invalid(event: ObjectsTracked, text: str) -> None:
    with pytest.raises(InvalidEvent, match=text):
        run_of(event)


def test_objects_begin_a_run_at_the_time_of_the_first() -> None:
    run = run_of(tracked(row(0, time=T0 - 50), row(1, time=T0 - 90)))
    assert (run.created_at, run.active, run.data_version) == (T0 - 50, True, run.version)


def test_objects_of_a_deleted_run_are_dropped() -> None:
    outcome = last_outcome(tracked(row(0)), RunDeleted(), tracked(row(1)))
    assert not isinstance(outcome, Applied)


def test_points_and_props_are_not_touched() -> None:
    before = run_of(tracked(row(0)))
    after, _ = fold_all([tracked(row(1))], before, 1)
    assert after is not None
    assert (after.series_version, after.props_version) == (before.series_version, before.props_version)
    assert after.data_version > before.data_version


kinds: st.SearchStrategy[ObjectKind] = st.sampled_from(("texts", "images"))
contexts: st.SearchStrategy[dict[str, Any]] = st.sampled_from(({}, {"a": 1}))
logged = st.lists(st.tuples(kinds, contexts, st.none() | st.integers(-3, 9), st.integers(0, 3)), min_size=1)


@given(logged, st.integers(0, 30))
def test_the_summary_does_not_depend_on_how_rows_were_cut(
    objects: list[tuple[ObjectKind, dict[str, Any], int | None, int]], cut: int
) -> None:
    """And it survives the control document."""

    def event(part: list[tuple[ObjectKind, dict[str, Any], int | None, int]]) -> ObjectsTracked:
        table = tuple(ObjectSeries(kind, "a", context) for kind, context, _, _ in part)
        rows = [
            row(step, *([IMAGE if kind == "images" else Text("x")] * length), series=index, listed=True)
            for index, (kind, _, step, length) in enumerate(part)
        ]
        return tracked(*rows, table=table)

    whole = run_of(event(objects))
    parts = [event(part) for part in (objects[:cut], objects[cut:]) if part]
    assert run_of(*parts).objects == whole.objects
    assert unpack_state(pack_state(whole)) == whole


def test_the_old_state_stays_valid() -> None:
    known = run_of(tracked(row(0))).objects
    copy = dict(known)
    fold_objects(known, (TEXTS,), (row(9),))
    assert known == copy
