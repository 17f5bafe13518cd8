"""What a run remembers of named batches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.projector.fold.builders import T0, fold_all, reasons, recorded, tracked

from contracts.batch_memory import BatchMemory, seen
from contracts.envelope import MAX_INDEX, MAX_PARTS, Dedupe
from contracts.errors import InvalidEvent
from contracts.events import ParamsSet, RunCreated, RunRenamed
from projector.fold.batches import REMEMBERED_BATCHES, remember
from projector.fold.outcome import Ignored

dedupes = st.builds(Dedupe, st.sampled_from(["a", "b", "c"]), st.integers(0, 300), st.integers(0, 3))


@settings(deadline=None)
@given(st.lists(dedupes), dedupes)
def test_exactly_what_was_remembered_is_seen(known: list[Dedupe], asked: Dedupe) -> None:
    memory: BatchMemory = {}
    for dedupe in known:
        memory = remember(memory, dedupe)
    assert seen(memory, asked) == (asked in known)


def test_remembering_leaves_the_old_memory_as_it_was() -> None:
    before = remember({}, Dedupe("a", 1))
    remember(before, Dedupe("a", 2))
    remember(before, Dedupe("b", 2))
    assert before == remember({}, Dedupe("a", 1))


def test_the_batch_that_came_first_is_forgotten_first() -> None:
    memory: BatchMemory = {}
    for number in range(REMEMBERED_BATCHES):
        memory = remember(memory, Dedupe(str(number), 0))
    memory = remember(memory, Dedupe("0", 1))
    assert seen(memory, Dedupe("0", 0))
    memory = remember(memory, Dedupe("one more", 0))
    assert not seen(memory, Dedupe("0", 0))
    assert seen(memory, Dedupe("1", 0))
    assert len(memory) == REMEMBERED_BATCHES


def test_a_repeat_of_a_batch_changes_nothing_whatever_came_between() -> None:
    batch = [
        recorded(tracked([(0, 1.0)]), 0, Dedupe("b", 0)),
        recorded(ParamsSet(path=("a",), value=1), 0, Dedupe("b", 1)),
        recorded(RunRenamed(name="x", by="client"), 0, Dedupe("b", 1, 1)),
    ]
    state, _ = fold_all([*batch, tracked([(0, 9.0)]), ParamsSet(path=("a",), value=2)])
    again, outcomes = fold_all(batch, state, start=5)
    assert outcomes == [Ignored("duplicate", "conflict")] * 3
    assert state is not None
    assert again is not None
    assert (again.series, again.params, again.name) == (state.series, state.params, "x")
    assert again.params_version == state.params_version


def test_the_same_index_of_another_batch_or_part_is_no_repeat() -> None:
    names = [Dedupe("b", 0), Dedupe("b", 0, 1), Dedupe("b", 1), Dedupe("c", 0)]
    _, outcomes = fold_all([recorded(tracked([(0, 1.0)]), 0, name) for name in names])
    assert reasons(outcomes) == [None] * 4


def test_events_without_batch_are_never_repeats() -> None:
    _, outcomes = fold_all([tracked([(0, 1.0)])] * 3)
    assert reasons(outcomes) == [None] * 3


@pytest.mark.parametrize(
    "dedupe", [Dedupe("b", -1), Dedupe("b", MAX_INDEX), Dedupe("b", 0, -1), Dedupe("b", 0, MAX_PARTS)]
)
def test_numbers_that_no_request_can_have_are_invalid(dedupe: Dedupe) -> None:
    with pytest.raises(InvalidEvent):
        fold_all([recorded(RunCreated(at=T0), 0, dedupe)])
    with pytest.raises(InvalidEvent):
        fold_all([RunCreated(at=T0), recorded(ParamsSet(path=("a",), value=1), 0, dedupe)])
