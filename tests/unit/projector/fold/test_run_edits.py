"""Props, tags and params of a run."""

from typing import Any

import pytest
from tests.unit.projector.fold.builders import T0, fold_all, last_outcome, recorded, run_of

from contracts.errors import InvalidEvent
from contracts.events import (
    Event,
    ParamsSet,
    RunArchived,
    RunCreated,
    RunDescribed,
    RunMovedToExperiment,
    RunNoteAdded,
    RunRenamed,
    RunTagged,
    RunUnarchived,
    RunUntagged,
)
from projector.fold.outcome import REPEATED, Applied
from projector.fold.params import set_subtree

BEGIN = RunCreated(at=T0)


def test_props_are_as_the_last_event_says() -> None:
    state = run_of(
        BEGIN,
        RunRenamed(name="a"),
        RunRenamed(name="b"),
        RunDescribed(description="d"),
        RunMovedToExperiment(experiment_id="e1"),
        RunArchived(),
    )
    assert (state.name, state.description, state.experiment_id, state.archived) == ("b", "d", "e1", True)
    assert state.updated_at == T0 + 5
    assert not run_of(BEGIN, RunArchived(), RunUnarchived()).archived


def test_a_run_can_leave_its_experiment() -> None:
    state = run_of(BEGIN, RunMovedToExperiment(experiment_id="e"), RunMovedToExperiment(experiment_id=None))
    assert state.experiment_id is None


def test_attaching_a_tag_twice_changes_nothing() -> None:
    state = run_of(BEGIN, RunTagged(tag_id="t", name="first"), RunTagged(tag_id="t", name="second"))
    assert state.tags == (("t", "first"),)
    assert state.props_version == (1 << 48) + 1


@pytest.mark.parametrize(
    ("removal", "left"),
    [
        (RunUntagged(tag_ids=("a",)), ["b", "c"]),
        (RunUntagged(tag_ids=("a", "b")), ["c"]),
        (RunUntagged(name="same"), ["a"]),
        (RunUntagged(tag_ids=("a",), name="same"), []),
        (RunUntagged(tag_ids=("zzz",), name="zzz", by="client"), ["a", "b", "c"]),
    ],
)
def test_tags_are_detached_by_ids_and_by_the_name_they_were_attached_under(
    removal: RunUntagged, left: list[str]
) -> None:
    tags = [RunTagged(tag_id="a", name="x"), RunTagged(tag_id="b", name="same"), RunTagged(tag_id="c", name="same")]
    assert [tag_id for tag_id, _ in run_of(BEGIN, *tags, removal).tags] == left
    assert isinstance(last_outcome(BEGIN, *tags, removal), Applied)


def test_who_takes_a_tag_off_that_is_off_hears_that_another_one_did() -> None:
    removal = RunUntagged(tag_ids=("t",))
    assert last_outcome(BEGIN, RunTagged(tag_id="t", name="n"), removal, removal) == REPEATED
    assert run_of(BEGIN, removal).updated_at == run_of(BEGIN).updated_at


def test_a_note_changes_nothing_that_the_run_shows() -> None:
    before = run_of(BEGIN)
    after, _ = fold_all([RunNoteAdded(note_id="n", content="c", at=T0)], before, start=1)
    assert after is not None
    assert (after.props_version, after.updated_at) == (before.props_version, before.updated_at)


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ({}, ("a", "b"), 1, {"a": {"b": 1}}),
        ({"a": {"b": 1, "c": 2}}, ("a", "b"), {"x": 1}, {"a": {"b": {"x": 1}, "c": 2}}),
        ({"a": {"b": 1, "c": 2}}, ("a",), {"x": 1}, {"a": {"x": 1}}),
        ({"a": 5}, ("a", "b"), 1, {"a": {"b": 1}}),
        ({"a": [1, 2]}, ("a", 0), 9, {"a": {0: 9}}),
        ({"a": 1}, ("b",), {}, {"a": 1, "b": {}}),
        ({"a": 1}, ("b",), None, {"a": 1, "b": None}),
        ({"a": 1}, (), {"b": 2}, {"b": 2}),
        ({"a": 1}, (), {}, {}),
        ({1: {"x": 1}}, (1, "y"), 2, {1: {"x": 1, "y": 2}}),
        ({}, ("",), 1, {"": 1}),
    ],
)
def test_a_value_replaces_the_subtree_at_its_path(
    before: dict[str | int, Any], path: tuple[str | int, ...], value: Any, after: dict[str | int, Any]
) -> None:
    original = {key: dict(one) if isinstance(one, dict) else one for key, one in before.items()}
    assert set_subtree(before, path, value) == after
    assert before == original


@pytest.mark.parametrize("value", [None, 1, "text", [1]])
def test_all_params_together_must_be_an_object(value: Any) -> None:
    with pytest.raises(InvalidEvent):
        set_subtree({}, (), value)


def test_a_path_deeper_than_a_tree_may_be_is_invalid() -> None:
    with pytest.raises(InvalidEvent):
        set_subtree({}, ("a",) * 65, 1)


def test_setting_params_moves_their_version_alone() -> None:
    state = run_of(BEGIN, recorded(ParamsSet(path=("a",), value=1), 9))
    assert (state.params_version, state.props_version) == ((1 << 48) + 1, 1 << 48)
    assert state.updated_at == T0 + 9


@pytest.mark.parametrize("edit", [RunRenamed(name="x"), RunArchived()], ids=["renamed", "archived"])
def test_an_edit_that_repeats_a_value_still_moves_the_version(edit: Event) -> None:
    assert run_of(BEGIN, edit, edit).props_version == (1 << 48) + 2
