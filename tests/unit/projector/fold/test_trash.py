"""Deleted incarnations: taken back, purged, and what a newer incarnation of the id has to do with them."""

from tests.unit.projector.fold.builders import RUN, T0, fold_all, last_outcome, reasons, run_of, tracked

from contracts.blobs import Blob
from contracts.events import (
    ArtifactAdded,
    Event,
    LogLine,
    LogLinesAppended,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    ParamsSet,
    RunCreated,
    RunDeleted,
    RunNoteAdded,
    RunPurged,
    RunRenamed,
    RunTagged,
    RunUndeleted,
    Text,
    TombstoneCleared,
)
from projector.fold.outcome import NO_RUN, REPEATED, Applied, Ignored
from projector.fold.run_state import RunState, new_run, pack_state, unpack_state
from projector.fold.trash import NOT_DELETED, OTHER_INCARNATION, PURGED

BASE = 1 << 48
FULL: list[Event] = [
    RunCreated(at=T0),
    RunRenamed(name="a name"),
    ParamsSet(path=("lr",), value=0.1),
    tracked([(0, 1.0)]),
    ObjectsTracked(series=(ObjectSeries("texts", "t", {}),), rows=(ObjectRow(0, 0, None, T0, False, (Text("x"),)),)),
    LogLinesAppended(lines=(LogLine(4, "x"),)),
    ArtifactAdded(path="p", name="p", blob=Blob(hash="0" * 64)),
    RunTagged(tag_id="t", name="t"),
    RunNoteAdded(note_id="n", content="", at=T0),
]


def test_a_deleted_run_that_is_taken_back_is_as_it_was() -> None:
    before = run_of(*FULL)
    after = run_of(*FULL, RunDeleted(), RunUndeleted(), tracked([(1, 2.0)]))
    assert after.phase == "live"
    assert after.trash == {}
    assert (after.incarnation, after.params, after.notes, after.tags) == (1, before.params, before.notes, before.tags)
    assert after.series["loss", 0].last_step == 1, "what clients send is taken again"


def test_a_run_whose_tombstone_was_cleared_can_be_taken_back_until_its_id_is_used() -> None:
    cleared: list[Event] = [*FULL, RunDeleted(), TombstoneCleared()]
    assert run_of(*cleared, RunUndeleted()).phase == "live"
    assert last_outcome(*cleared, RunCreated(at=T0), RunUndeleted()) == NOT_DELETED
    assert run_of(*cleared, RunCreated(at=T0), RunUndeleted()).incarnation == 2


def test_what_is_not_in_the_trash_cannot_be_taken_back() -> None:
    assert last_outcome(RunUndeleted()) == NO_RUN
    assert last_outcome(*FULL, RunUndeleted()) == NOT_DELETED
    assert last_outcome(*FULL, RunDeleted(), RunPurged(incarnation=1), RunUndeleted()) == PURGED


def test_after_a_purge_nothing_is_left_but_that_the_run_was_there() -> None:
    state = run_of(*FULL, RunDeleted(), RunPurged(incarnation=1))
    empty = new_run(RUN, 1, BASE + 10, T0, T0 + 10)
    kept = {"phase", "trash"}
    assert {name for name in RunState.__struct_fields__ if getattr(state, name) != getattr(empty, name)} == kept
    assert state.phase == "deleted", "the tombstone stays"
    entry = state.trash[1]
    assert (entry.deleted_at, entry.purged_at, entry.purge) == (T0 + 9, T0 + 10, BASE + 10)
    assert (entry.name, entry.tombstone) == ("", True)
    assert unpack_state(pack_state(state)) == state


def test_what_clients_send_after_a_purge_is_dropped_until_the_tombstone_is_cleared() -> None:
    purged: list[Event] = [*FULL, RunDeleted(), RunPurged(incarnation=1)]
    assert last_outcome(*purged, tracked([(0, 1.0)])) == Ignored("run deleted", "not_found")
    state = run_of(*purged, TombstoneCleared(incarnation=1), tracked([(None, 1.0)]))
    assert (state.incarnation, state.phase, state.series["loss", 0].last_step) == (2, "live", 0)
    assert not state.trash[1].tombstone
    assert run_of(*purged).trash[1].cleared_at is None
    assert (state.trash[1].cleared_at, state.trash[1].purge) == (T0 + 11, BASE + 11)


def test_a_purge_never_touches_a_newer_incarnation() -> None:
    again: list[Event] = [*FULL, RunDeleted(), TombstoneCleared(), *FULL]
    before, after = run_of(*again), run_of(*again, RunPurged(incarnation=1))
    changed = {
        name for name in RunState.__struct_fields__ if getattr(before, name) != getattr(after, name)
    }  # fmt: skip
    assert changed == {"version", "trash"}
    assert after.trash[1].purge == BASE + 20
    assert last_outcome(*again, RunPurged(incarnation=2)) == NOT_DELETED


def test_each_incarnation_is_purged_for_itself() -> None:
    twice: list[Event] = [*FULL, RunDeleted(), TombstoneCleared(), *FULL, RunDeleted()]
    state = run_of(*twice, RunPurged(incarnation=2))
    assert (state.trash[1].purged_at, state.trash[2].purged_at is None) == (None, False)
    assert state.phase == "deleted"
    assert run_of(*twice, RunPurged(incarnation=1), RunUndeleted()).params == {"lr": 0.1}


def test_a_purge_of_what_is_not_in_the_trash_is_ignored() -> None:
    assert last_outcome(RunPurged(incarnation=1)) == NO_RUN
    assert last_outcome(*FULL, RunPurged(incarnation=1)) == NOT_DELETED
    assert last_outcome(*FULL, RunDeleted(), RunPurged(incarnation=2)) == NOT_DELETED
    assert last_outcome(*FULL, RunDeleted(), RunUndeleted(), RunPurged(incarnation=1)) == NOT_DELETED
    assert last_outcome(*FULL, RunDeleted(), RunPurged(incarnation=1), RunPurged(incarnation=1)) == REPEATED


def test_a_tombstone_of_an_older_incarnation_is_no_matter_of_the_newer_one() -> None:
    """Two who clear the same tombstone: the one who is late must not open a run that was deleted meanwhile."""
    again: list[Event] = [*FULL, RunDeleted(), TombstoneCleared(incarnation=1), *FULL, RunDeleted()]
    state, outcomes = fold_all([*again, TombstoneCleared(incarnation=1)])
    assert reasons(outcomes)[-1] == OTHER_INCARNATION.reason
    assert state is not None
    assert (state.phase, state.incarnation) == ("deleted", 2)
    assert isinstance(last_outcome(*again, TombstoneCleared()), Applied)
    assert last_outcome(TombstoneCleared(incarnation=1)) == OTHER_INCARNATION
