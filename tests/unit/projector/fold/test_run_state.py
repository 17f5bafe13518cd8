"""The control document survives storing, whatever the log brought."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.projector.fold.builders import T0, at, recorded, run_of, tracked

from contracts.envelope import Dedupe, Recorded
from contracts.events import (
    ArtifactAdded,
    Event,
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    ParamsDeleted,
    ParamsSet,
    RunCreated,
    RunDeleted,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteDeleted,
    RunPurged,
    RunRenamed,
    RunResumed,
    RunTagged,
    RunUndeleted,
    RunUntagged,
    Text,
    TombstoneCleared,
)
from contracts.metric_points import NEXT_STEP
from contracts.trees import pack, unpack
from projector.fold.run_state import RunState, pack_state, unpack_state
from projector.fold.runs import fold_run
from projector.fold.trash import OF_TRASH

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=6,
)
times = st.integers(0, 6).map(lambda second: T0 + second)
by = st.sampled_from(["client", "user"])
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(RunCreated, at=times),
    st.builds(RunResumed, at=times, by=by),
    st.builds(RunFinished, at=times, reason=st.sampled_from(["client", "user", "stale"])),
    st.builds(RunRenamed, name=st.text(max_size=4), by=by),
    st.builds(RunMovedToExperiment, experiment_id=st.none() | st.sampled_from(["e1", "e2"]), by=by),
    st.builds(RunTagged, tag_id=st.sampled_from(["t1", "t2"]), name=st.sampled_from(["x", "y"]), by=by),
    st.builds(RunUntagged, tag_ids=st.just(("t1",)), name=st.sampled_from(["x", None]), by=by),
    st.builds(
        ParamsSet,
        path=st.lists(st.sampled_from(["a", "b", 1]), min_size=1, max_size=3).map(tuple),
        value=values,
    ),
    st.builds(
        lambda points, name: tracked(points, name=name),
        st.lists(st.tuples(st.none() | st.integers(-3, 9), st.floats(allow_nan=False)), min_size=1, max_size=4),
        st.sampled_from(["loss", "acc"]),
    ),
    st.builds(
        lambda kind, step, texts: ObjectsTracked(
            series=(ObjectSeries("texts", kind, {}),),
            rows=(ObjectRow(0, step, None, T0, True, tuple(Text(text) for text in texts)),),
        ),
        st.sampled_from(["a", "b"]),
        st.just(NEXT_STEP) | st.integers(-3, 9),
        st.lists(st.just("x"), max_size=3),
    ),
    st.builds(lambda number: LogLinesAppended(lines=(LogLine(number, "x"),)), st.integers(0, 5)),
    st.builds(lambda at: LogRecordsAppended(records=(LogRecord("m", 20, at),)), times),
    st.builds(lambda path: ArtifactAdded(path=path, name="n", uri="u"), st.sampled_from(["a", "b", "seq/c"])),
    st.builds(RunNoteAdded, note_id=st.sampled_from(["n1", "n2"]), content=st.just(""), at=times, by=by),
    st.builds(RunNoteDeleted, note_id=st.sampled_from(["n1", "n2"])),
    st.builds(ParamsDeleted, path=st.lists(st.sampled_from(["a", "b", 1]), max_size=2).map(tuple)),
    st.just(RunDeleted()),
    st.just(RunUndeleted()),
    st.builds(RunPurged, incarnation=st.integers(1, 2)),
    st.builds(TombstoneCleared, incarnation=st.none() | st.integers(1, 2)),
)
dedupes = st.none() | st.builds(Dedupe, st.sampled_from(["b1", "b2"]), st.integers(0, 20), st.integers(0, 1))
logs = st.lists(st.builds(recorded, events, st.integers(0, 100).map(float), dedupes), max_size=25)


def fold(log: list[Recorded], state: RunState | None, start: int, *, stored: bool) -> RunState | None:
    for offset, record in enumerate(log, start):
        state, _ = fold_run(state, record, at(offset))
        if stored and state is not None:
            state = unpack_state(pack_state(state))
    return state


@settings(max_examples=200, deadline=None)
@given(logs)
def test_folding_from_stored_states_gives_the_same_as_folding_on(log: list[Recorded]) -> None:
    on = fold(log, None, 0, stored=False)
    assert fold(log, None, 0, stored=True) == on
    if on is not None:
        assert unpack_state(pack_state(on)) == on
        assert pack_state(unpack_state(pack_state(on))) == pack_state(on)


@settings(max_examples=200, deadline=None)
@given(logs)
def test_a_run_has_an_end_time_if_and_only_if_it_is_not_active(log: list[Recorded]) -> None:
    state = fold(log, None, 0, stored=False)
    if state is not None:
        assert (state.ended_at is None) == state.active
        assert (state.finish_reason is None) == state.active
        assert max(state.props_version, state.params_version, state.series_version) <= state.version


def named(batch: str, events_of_batch: list[Event]) -> list[Recorded]:
    return [recorded(event, 5.0, Dedupe(batch, index)) for index, event in enumerate(events_of_batch)]


@settings(max_examples=200, deadline=None)
@given(logs, st.lists(events.filter(lambda event: not isinstance(event, (RunDeleted, *OF_TRASH))), max_size=6))
def test_a_batch_that_a_living_run_took_changes_nothing_when_it_comes_again(
    log: list[Recorded], batch: list[Event]
) -> None:
    before = fold([recorded(RunCreated(at=T0 - 1)), *log], None, 0, stored=False)
    assert before is not None
    if before.phase != "live":
        return
    once = fold(named("new", batch), before, 1 + len(log), stored=False)
    twice = fold(named("new", batch), once, 1 + len(log) + len(batch), stored=False)
    assert once is not None
    assert twice is not None
    assert {**as_dict(twice), "version": 0} == {**as_dict(once), "version": 0}


def as_dict(state: RunState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in RunState.__struct_fields__}


def test_a_state_with_everything_survives() -> None:
    state = run_of(
        recorded(RunCreated(at=T0), 0, Dedupe("b", 300, 2)),
        ParamsSet(path=("big", 7), value=[2**80, float("inf"), {"x": None}]),
        tracked([(2, 1.5)], context={"deep": {"list": [1, 2**70]}}),
        RunTagged(tag_id="t", name="n"),
        RunFinished(at=T0 + 9, reason="stale"),
    )
    assert unpack_state(pack_state(state)) == state


def test_a_document_from_before_objects_and_logs_can_be_read() -> None:
    state = run_of(RunCreated(at=T0))
    fields = unpack(pack_state(state))
    for later in ("data_version", "objects", "lines_end", "line_offset", "records_end", "artifacts", "notes", "trash"):
        del fields[later]
    assert unpack_state(pack(fields)) == state
