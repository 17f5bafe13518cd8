"""How a run begins, goes on, ends, is deleted, and begins again."""

import math

import pytest
from tests.unit.projector.fold.builders import RUN, T0, fold_all, last_outcome, reasons, recorded, run_of, tracked

from contracts.envelope import Dedupe
from contracts.errors import InvalidEvent
from contracts.events import (
    Event,
    ExperimentDescribed,
    ParamsSet,
    RunArchived,
    RunCreated,
    RunDeleted,
    RunDescribed,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunRenamed,
    RunResumed,
    RunTagged,
    RunUnarchived,
    RunUndeleted,
    RunUntagged,
    TombstoneCleared,
)
from projector.fold.outcome import Applied, Ignored
from projector.fold.runs import REMEMBERED_SESSIONS, is_ingestion

INGESTION: list[Event] = [
    RunCreated(at=T0),
    RunResumed(at=T0),
    ParamsSet(path=("lr",), value=0.1),
    tracked([(0, 1.0)]),
    RunRenamed(name="n", by="client"),
    RunDescribed(description="d", by="client"),
    RunMovedToExperiment(experiment_id="e", by="client"),
    RunArchived(by="client"),
    RunUnarchived(by="client"),
    RunTagged(tag_id="t", name="n", by="client"),
    RunUntagged(name="n", by="client"),
]
EDITS: list[Event] = [
    RunResumed(at=T0, by="user"),
    RunRenamed(name="n"),
    RunDescribed(description="d"),
    RunMovedToExperiment(experiment_id=None),
    RunArchived(),
    RunUnarchived(),
    RunTagged(tag_id="t", name="n"),
    RunUntagged(tag_ids=("t",)),
    RunNoteAdded(note_id="n", content="", at=T0),
    RunDeleted(),
]


def name(event: Event) -> str:
    return type(event).__name__


@pytest.mark.parametrize("event", INGESTION, ids=name)
def test_what_a_client_logs_begins_an_unknown_run(event: Event) -> None:
    state = run_of(event)
    assert is_ingestion(event)
    assert (state.run_id, state.incarnation, state.phase, state.active) == (RUN, 1, "live", True)
    assert state.ended_at is None


@pytest.mark.parametrize("event", EDITS, ids=name)
def test_an_edit_of_a_run_that_never_began_is_not_found(event: Event) -> None:
    state, outcomes = fold_all([event])
    assert state is None
    assert outcomes == [Ignored("run not found", "not_found")]


@pytest.mark.parametrize("reason", ["client", "user", "stale"])
def test_an_unknown_run_cannot_finish(reason: str) -> None:
    state, outcomes = fold_all([RunFinished(at=T0, reason=reason)])  # type: ignore[arg-type]  # of a parametrized test
    assert state is None
    assert reasons(outcomes) == ["run not found"]


def test_a_new_run_has_the_name_of_its_id_and_nothing_else() -> None:
    state = run_of(RunCreated(at=T0 - 5))
    assert (state.name, state.description, state.experiment_id, state.tags) == (f"Run: {RUN}", None, None, ())
    assert (state.created_at, state.updated_at, state.params, state.series) == (T0 - 5, T0, {}, {})


def test_a_run_begun_by_points_was_created_at_the_time_of_the_first_one() -> None:
    state = run_of(recorded(tracked([(0, 1.0), (1, 2.0)]), 100))
    assert state.created_at == T0


def test_a_run_begun_by_an_event_without_a_time_was_created_when_it_was_recorded() -> None:
    assert run_of(recorded(ParamsSet(path=("a",), value=1), 7)).created_at == T0 + 7


@pytest.mark.parametrize("odd", [math.nan, math.inf, T0 + 86_401])
def test_a_time_that_is_none_or_far_ahead_gives_way_to_the_records(odd: float) -> None:
    assert run_of(RunCreated(at=odd)).created_at == T0
    assert run_of(RunCreated(at=T0), RunFinished(at=odd, reason="client")).ended_at in {T0 + 1, T0 + 86_401}


def test_create_after_data_sets_the_creation_time_once() -> None:
    first = [ParamsSet(path=("a",), value=1), RunCreated(at=T0 - 30)]
    assert run_of(*first).created_at == T0 - 30
    assert run_of(*first, RunCreated(at=T0 + 1)).created_at == T0 - 30


def test_resume_never_moves_the_creation_time() -> None:
    assert run_of(ParamsSet(path=("a",), value=1), RunResumed(at=T0 - 9)).created_at == T0
    assert run_of(RunResumed(at=T0 - 9), RunCreated(at=T0 - 50)).created_at == T0 - 9


def test_create_of_an_existing_run_resumes_it_and_keeps_everything_else() -> None:
    state = run_of(
        RunCreated(at=T0),
        RunRenamed(name="mine"),
        ParamsSet(path=("a",), value=1),
        RunFinished(at=T0 + 2, reason="client"),
        RunCreated(at=T0 + 50),
    )
    assert (state.active, state.ended_at, state.name, state.params) == (True, None, "mine", {"a": 1})
    assert state.created_at == T0


@pytest.mark.parametrize("again", [RunCreated(at=T0), RunResumed(at=T0)], ids=name)
def test_a_session_start_seen_before_does_not_reopen_a_finished_run(again: Event) -> None:
    state, outcomes = fold_all([RunCreated(at=T0), RunFinished(at=T0 + 1, reason="client"), again])
    assert outcomes[-1] == Ignored("duplicate", "conflict")
    assert state is not None
    assert not state.active


def test_sessions_of_one_creation_time_are_told_apart_by_their_own() -> None:
    """A client that knows when its run was created says so with each session."""
    ended = [RunCreated(at=T0 - 900, session=T0), RunFinished(at=T0 + 1, reason="client")]
    assert run_of(*ended, RunResumed(at=T0 - 900, session=T0 + 5)).active
    assert run_of(*ended, RunCreated(at=T0 - 900, session=T0 + 5)).active
    assert run_of(*ended, RunResumed(at=T0 - 900, session=T0 + 5)).created_at == T0 - 900
    state, outcomes = fold_all([*ended, RunResumed(at=T0 - 899, session=T0)])
    assert reasons(outcomes)[-1] == "duplicate"
    assert state is not None
    assert not state.active


def test_a_user_may_resume_at_any_time_twice() -> None:
    assert isinstance(last_outcome(RunCreated(at=T0), RunResumed(at=T0, by="user")), Applied)
    state = run_of(RunCreated(at=T0), RunFinished(at=T0, reason="user"), RunResumed(at=T0, by="user"))
    assert state.active
    assert state.sessions == (T0,)


def test_the_last_32_sessions_are_remembered() -> None:
    state = run_of(*(RunCreated(at=T0 + i) for i in range(REMEMBERED_SESSIONS + 3)))
    assert state.sessions == tuple(T0 + i for i in range(3, REMEMBERED_SESSIONS + 3))


def test_a_second_finish_keeps_the_first_end_time_and_succeeds() -> None:
    events = [RunCreated(at=T0), RunFinished(at=T0 + 5, reason="user"), RunFinished(at=T0 + 9, reason="user")]
    state, outcomes = fold_all(events)
    assert state is not None
    assert (state.ended_at, state.active) == (T0 + 5, False)
    assert state.props_version == (1 << 48) + 1
    assert isinstance(outcomes[-1], Applied)


@pytest.mark.parametrize("sign", INGESTION[2:], ids=name)
def test_any_sign_of_the_client_reopens_a_run_that_was_only_silent(sign: Event) -> None:
    state = run_of(RunCreated(at=T0), RunFinished(at=T0 + 5, reason="stale"), sign)
    assert (state.active, state.ended_at, state.finish_reason) == (True, None, None)
    assert state.props_version == (1 << 48) + 2


@pytest.mark.parametrize("reason", ["client", "user"])
def test_late_data_leaves_a_finished_run_finished(reason: str) -> None:
    finish = RunFinished(at=T0 + 5, reason=reason)  # type: ignore[arg-type]  # of a parametrized test
    state = run_of(RunCreated(at=T0), finish, tracked([(0, 1.0)]))
    assert (state.active, state.ended_at, len(state.series)) == (False, T0 + 5, 1)


def test_edits_do_not_reopen_a_stale_run() -> None:
    assert not run_of(RunCreated(at=T0), RunFinished(at=T0, reason="stale"), RunRenamed(name="x")).active


@pytest.mark.parametrize("reason", ["client", "user"])
def test_a_told_end_takes_the_place_of_a_guessed_one_and_stays(reason: str) -> None:
    told = RunFinished(at=T0 + 9, reason=reason)  # type: ignore[arg-type]  # of a parametrized test
    guess = RunFinished(at=T0 + 5, reason="stale")
    state = run_of(RunCreated(at=T0), guess, told)
    assert (state.active, state.ended_at, state.finish_reason) == (False, T0 + 9, reason)
    assert state.props_version == (1 << 48) + 2
    state = run_of(RunCreated(at=T0), guess, told, tracked([(0, 1.0)]), guess, RunFinished(at=T0 + 20, reason="user"))
    assert (state.active, state.ended_at, state.finish_reason) == (False, T0 + 9, reason)


@pytest.mark.parametrize("reason", ["client", "user", "stale"])
def test_a_run_of_a_clock_that_is_ahead_does_not_end_before_it_began(reason: str) -> None:
    end = RunFinished(at=T0 + 5, reason=reason)  # type: ignore[arg-type]  # of a parametrized test
    assert run_of(RunCreated(at=T0 + 3_600), end).ended_at == T0 + 3_600


@pytest.mark.parametrize("sign", INGESTION[2:], ids=name)
def test_the_last_word_of_a_client_is_remembered_apart_from_edits(sign: Event) -> None:
    told = [RunCreated(at=T0), RunUntagged(tag_ids=("t",)), RunTagged(tag_id="t", name="n", by="client")]
    assert run_of(*told).ingested_at == T0 + 2
    state = run_of(*told, RunRenamed(name="x"), RunDeleted(), RunUndeleted(), RunResumed(at=T0, by="user"))
    assert (state.ingested_at, state.updated_at) == (T0 + 2, T0 + 6)
    assert run_of(RunCreated(at=T0), RunTagged(tag_id="other", name="n"), sign).ingested_at == T0 + 2


@pytest.mark.parametrize("event", [*INGESTION, RunFinished(at=T0, reason="client")], ids=name)
def test_what_clients_send_for_a_deleted_run_is_dropped(event: Event) -> None:
    before = run_of(RunCreated(at=T0 - 1), RunDeleted())
    state, outcomes = fold_all([event], before, start=2)
    assert outcomes == [Ignored("run deleted", "not_found")]
    assert state is not None
    assert (state.phase, state.series, state.params) == ("deleted", {}, {})
    assert state.version == (1 << 48) + 2


@pytest.mark.parametrize("event", EDITS, ids=name)
def test_edits_of_a_deleted_run_are_not_found(event: Event) -> None:
    assert last_outcome(RunCreated(at=T0), RunDeleted(), event) == Ignored("run not found", "not_found")
    assert last_outcome(RunCreated(at=T0), RunDeleted(), TombstoneCleared(), event) == Ignored(
        "run not found", "not_found"
    )


def test_clearing_a_tombstone_keeps_the_trashed_incarnation() -> None:
    state = run_of(RunCreated(at=T0), ParamsSet(path=("a",), value=1), RunDeleted(), TombstoneCleared())
    assert (state.phase, state.incarnation, state.params) == ("cleared", 1, {"a": 1})


@pytest.mark.parametrize("event", INGESTION, ids=name)
def test_after_a_cleared_tombstone_the_next_client_event_begins_an_empty_incarnation(event: Event) -> None:
    state = run_of(
        RunCreated(at=T0 - 100),
        RunRenamed(name="old"),
        ParamsSet(path=("old",), value=1),
        tracked([(5, 1.0)], name="old"),
        RunDeleted(),
        TombstoneCleared(),
        event,
    )
    assert (state.incarnation, state.phase) == (2, "live")
    assert "old" not in state.params
    assert ("old", 0) not in state.series
    assert state.name in {f"Run: {RUN}", "n"}
    assert min(state.props_version, state.params_version, state.series_version) == (1 << 48) + 6


def test_auto_steps_of_a_new_incarnation_begin_at_zero() -> None:
    state = run_of(tracked([(5, 1.0)]), RunDeleted(), TombstoneCleared(), tracked([(None, 2.0)]))
    assert state.series["loss", 0].last_step == 0


def test_a_new_incarnation_takes_batches_and_sessions_of_the_old_one_again() -> None:
    load = [
        recorded(RunCreated(at=T0), 0, Dedupe("file-1", 0)),
        recorded(tracked([(0, 1.0)]), 0, Dedupe("file-1", 1)),
    ]
    state, outcomes = fold_all([*load, RunDeleted(), TombstoneCleared(), *load])
    assert reasons(outcomes) == [None] * 6
    assert state is not None
    assert len(state.series) == 1


def test_an_edit_does_not_begin_an_incarnation() -> None:
    state = run_of(RunCreated(at=T0), RunDeleted(), TombstoneCleared(), RunRenamed(name="x"))
    assert (state.phase, state.incarnation) == ("cleared", 1)


def test_clearing_what_is_no_tombstone_succeeds_and_changes_nothing() -> None:
    nobody, outcomes = fold_all([TombstoneCleared()])
    assert nobody is None
    assert isinstance(outcomes[0], Applied)
    state = run_of(RunCreated(at=T0), TombstoneCleared())
    assert (state.phase, state.incarnation, state.version) == ("live", 1, (1 << 48) + 1)
    twice = run_of(RunCreated(at=T0), RunDeleted(), TombstoneCleared(), TombstoneCleared(), RunCreated(at=T0 + 1))
    assert twice.incarnation == 2


def test_every_event_moves_the_version_whatever_its_outcome() -> None:
    state = run_of(RunCreated(at=T0), RunCreated(at=T0), RunNoteAdded(note_id="n", content="", at=T0))
    assert state.version == (1 << 48) + 2
    assert state.props_version == 1 << 48


def test_the_old_state_stays_valid() -> None:
    before = run_of(RunCreated(at=T0), ParamsSet(path=("a", "b"), value=1), tracked([(0, 1.0)]))
    params, series = before.params, dict(before.series)
    fold_all([ParamsSet(path=("a", "c"), value=2), tracked([(9, 3.0)]), RunDeleted()], before, start=3)
    assert params == {"a": {"b": 1}}
    assert (before.params, before.series, before.phase) == (params, series, "live")


def test_an_event_of_the_catalog_is_no_event_of_a_run() -> None:
    with pytest.raises(InvalidEvent):
        fold_all([ExperimentDescribed(experiment_id="e", description="")])


def test_an_invalid_event_begins_no_run() -> None:
    with pytest.raises(InvalidEvent):
        fold_all([ParamsSet(path=(), value=3)])
