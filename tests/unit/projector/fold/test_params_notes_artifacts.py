from typing import Any

import pytest
from tests.unit.projector.fold.builders import RUN, T0, fold_all, reasons, run_of

from contracts.blobs import Blob
from contracts.errors import InvalidEvent
from contracts.events import (
    ArtifactAdded,
    Event,
    ParamsDeleted,
    ParamsSet,
    RunCreated,
    RunFinished,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
)
from contracts.keys import path_key
from contracts.trees import set_aside
from projector.fold.outcome import DUPLICATE

CLAIM, _ = set_aside("a large text")


def params_of(*events: Event) -> dict[str | int, Any]:
    return run_of(*events).params


def set_at(*path: str | int, value: Any, merge: bool = False) -> ParamsSet:
    return ParamsSet(path=path, value=value, merge=merge)


def test_merged_members_stand_beside_what_is_there() -> None:
    first = set_at("a", value={"x": 1, "y": {"z": 2}})
    assert params_of(first, set_at("a", value={"y": 3, "w": 4}, merge=True)) == {"a": {"x": 1, "y": 3, "w": 4}}
    assert params_of(first, set_at(value={"b": 1}, merge=True)) == {"a": {"x": 1, "y": {"z": 2}}, "b": 1}
    assert params_of(first, set_at("a", "x", value={"b": 1}, merge=True))["a"]["x"] == {"b": 1}
    assert params_of(set_at("n", value={"b": 1}, merge=True)) == {"n": {"b": 1}}


def test_the_order_of_members_is_that_of_the_parts() -> None:
    first, second = set_at("a", value={"x": {}, "y": 1}), set_at("a", "x", value={"b": 2})
    third = set_at("a", value={"z": 3}, merge=True)
    assert list(params_of(first, second, third)["a"]) == ["x", "y", "z"]


def test_only_an_object_can_be_merged() -> None:
    with pytest.raises(InvalidEvent, match="merged"):
        params_of(set_at("a", value=1, merge=True))


def test_a_claim_is_a_value_like_others() -> None:
    assert params_of(set_at("a", value={"b": CLAIM})) == {"a": {"b": CLAIM}}
    assert params_of(set_at("a", value=CLAIM), set_at("a", "b", value=1)) == {"a": {"b": 1}}


def test_a_deleted_subtree_is_gone_and_nothing_else() -> None:
    first = set_at(value={"a": {"b": 1, "c": 2}, "d": [1]})
    assert params_of(first, ParamsDeleted(path=("a", "b"))) == {"a": {"c": 2}, "d": [1]}
    assert params_of(first, ParamsDeleted(path=("a",))) == {"d": [1]}
    assert params_of(first, ParamsDeleted(path=())) == {}


@pytest.mark.parametrize("path", [("x",), ("a", "x"), ("a", "b", "c"), ("d", 0)])
def test_deleting_what_is_not_there_changes_nothing(path: tuple[str | int, ...]) -> None:
    first = set_at(value={"a": {"b": 1}, "d": [1]})
    before, after = run_of(first), run_of(first, ParamsDeleted(path=path))
    assert (after.params, after.params_version) == (before.params, before.params_version)


def test_the_old_state_stays_valid_when_params_go() -> None:
    before = run_of(set_at(value={"a": {"b": {"c": 1}}}))
    fold_all([ParamsDeleted(path=("a", "b", "c")), set_at("a", "b", value={"d": 1}, merge=True)], before, 1)
    assert before.params == {"a": {"b": {"c": 1}}}


def note(note_id: str = "n1", **fields: Any) -> RunNoteAdded:
    return RunNoteAdded(note_id=note_id, content="text", at=T0, **fields)


def test_a_note_that_is_not_there_can_be_neither_edited_nor_deleted() -> None:
    edit, delete = RunNoteEdited(note_id="n1", content="x", at=T0), RunNoteDeleted(note_id="n1")
    events = [RunCreated(at=T0), edit, delete, note(), edit, delete, edit, delete]
    _, outcomes = fold_all(events)
    missing = "note not found"
    assert reasons(outcomes) == [None, missing, missing, None, None, None, missing, missing]


def test_a_note_is_added_once() -> None:
    _, outcomes = fold_all([RunCreated(at=T0), note(), note(), note("n2")])
    assert reasons(outcomes) == [None, None, DUPLICATE, None]


def test_a_note_begins_a_run_only_if_a_client_sends_it() -> None:
    assert fold_all([note()])[0] is None
    assert run_of(note(by="client")).notes == {"n1": T0}


def artifact(path: str, **fields: Any) -> ArtifactAdded:
    return ArtifactAdded(path=path, name=path, blob=Blob(key=f"{RUN}/{path}"), **fields)


def test_a_path_keeps_its_place_when_it_is_announced_again() -> None:
    run = run_of(artifact("b"), artifact("a"), artifact("b"))
    order = sorted(run.artifacts, key=lambda key: run.artifacts[key])
    assert order == [path_key("b"), path_key("a")]


def test_bytes_of_sequences_have_no_place() -> None:
    run = run_of(artifact("seq/a/1.png"), artifact("sequence.txt"))
    assert list(run.artifacts) == [path_key("sequence.txt")]
    assert run.data_version == run.version


def test_an_artifact_shows_that_a_silent_run_lives() -> None:
    run = run_of(RunCreated(at=T0), RunFinished(at=T0 + 1, reason="stale"), artifact("a"))
    assert run.active
