"""Experiments, tags, aliases and settings in the order of the log."""

import pytest
from tests.unit.projector.fold.builders import T0, fold_catalog_all

from contracts.errors import InvalidEvent
from contracts.events import (
    Event,
    ExperimentArchived,
    ExperimentChanged,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentDescribed,
    ExperimentNoteAdded,
    ExperimentNoteDeleted,
    ExperimentNoteEdited,
    ExperimentRenamed,
    ExperimentUnarchived,
    PinnedSequence,
    RunDeleted,
    SequencesPinned,
    TagChanged,
    TagCreated,
    TagDeleted,
)
from contracts.trees import unpack
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Applied, Ignored


def experiment(entity_id: str, name: str) -> ExperimentCreated:
    return ExperimentCreated(experiment_id=entity_id, name=name, at=T0)


def tag(entity_id: str, name: str) -> TagCreated:
    return TagCreated(tag_id=entity_id, name=name)


def note(experiment_id: str, note_id: str, at: float = T0) -> ExperimentNoteAdded:
    return ExperimentNoteAdded(experiment_id=experiment_id, note_id=note_id, content=f"on {experiment_id}", at=at)


def test_the_first_creation_of_a_name_wins_and_the_later_id_stands_for_it() -> None:
    state, outcomes = fold_catalog_all(
        [tag("t1", "prod"), tag("t2", "prod"), experiment("e1", "v"), experiment("e2", "v")]
    )
    assert outcomes[1] == Ignored("name taken by t1", "bad_request", "t1")
    assert outcomes[3] == Ignored("name taken by e1", "bad_request", "e1")
    assert (list(state.tags), list(state.experiments)) == (["t1"], ["e1"])
    assert (state.resolve("tag", "t2"), state.resolve("experiment", "e2")) == ("t1", "e1")
    assert state.aliases["t2"].version == (1 << 48) + 1


def test_names_are_unique_within_their_kind_and_case_counts() -> None:
    _, outcomes = fold_catalog_all([tag("a", "x"), experiment("b", "x"), tag("c", "X")])
    assert all(isinstance(outcome, Applied) for outcome in outcomes)


def test_an_alias_is_of_one_kind() -> None:
    state, _ = fold_catalog_all([tag("a", "x"), tag("b", "x")])
    assert state.resolve("experiment", "b") is None
    assert state.resolve("tag", "zzz") is None


@pytest.mark.parametrize("again", ["x", "other"])
def test_creating_with_a_known_id_is_a_duplicate(again: str) -> None:
    state, outcomes = fold_catalog_all([tag("a", "x"), tag("b", "x"), tag("a", again), tag("b", again)])
    assert outcomes[2:] == [Ignored("duplicate", "conflict", "a")] * 2
    assert state.tag_ids == {"x": "a"}


def test_a_name_counts_while_its_experiment_is_archived() -> None:
    _, outcomes = fold_catalog_all([experiment("a", "x"), ExperimentArchived(experiment_id="a"), experiment("b", "x")])
    assert outcomes[2] == Ignored("name taken by a", "bad_request", "a")


def test_a_rename_to_a_taken_name_is_refused() -> None:
    state, outcomes = fold_catalog_all(
        [experiment("a", "x"), experiment("b", "y"), ExperimentRenamed(experiment_id="b", name="x")]
    )
    assert outcomes[2] == Ignored("name taken by a", "bad_request", "a")
    assert state.experiments["b"].name == "y"


def test_a_rename_frees_the_old_name_and_takes_the_new_one() -> None:
    state, outcomes = fold_catalog_all(
        [
            experiment("a", "x"),
            ExperimentRenamed(experiment_id="a", name="z"),
            experiment("b", "x"),
            experiment("c", "z"),
            ExperimentRenamed(experiment_id="a", name="z"),
        ]
    )
    assert isinstance(outcomes[2], Applied)
    assert outcomes[3] == Ignored("name taken by a", "bad_request", "a")
    assert isinstance(outcomes[4], Applied)
    assert state.experiment_ids == {"z": "a", "x": "b"}


@pytest.mark.parametrize(
    "event",
    [
        ExperimentChanged(experiment_id="zzz", name="n"),
        ExperimentRenamed(experiment_id="zzz", name="n"),
        ExperimentDescribed(experiment_id="zzz", description="d"),
        ExperimentArchived(experiment_id="zzz"),
        ExperimentUnarchived(experiment_id="zzz"),
        ExperimentDeleted(experiment_id="zzz"),
        note("zzz", "n"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_changing_an_unknown_experiment_is_not_found(event: Event) -> None:
    before, _ = fold_catalog_all([experiment("a", "x")])
    state, outcomes = fold_catalog_all([event], before)
    assert outcomes == [Ignored("experiment not found", "not_found")]
    assert state is before


def test_changes_follow_aliases_and_keep_the_creation_order() -> None:
    state, _ = fold_catalog_all(
        [
            experiment("a", "x"),
            experiment("b", "x"),
            ExperimentDescribed(experiment_id="b", description="d"),
            ExperimentArchived(experiment_id="b"),
            ExperimentUnarchived(experiment_id="a"),
            ExperimentArchived(experiment_id="a"),
        ]
    )
    changed = state.experiments["a"]
    assert (changed.description, changed.archived, changed.created_at) == ("d", True, T0)
    assert (changed.position, changed.version) == (1 << 48, (1 << 48) + 5)


def test_a_change_of_an_experiment_is_made_whole_and_keeps_what_it_does_not_name() -> None:
    described = ExperimentCreated(experiment_id="e", name="x", description="d", at=T0)
    change = ExperimentChanged(experiment_id="alias", name="y", archived=True)
    state, outcomes = fold_catalog_all([described, experiment("alias", "x"), change])
    assert isinstance(outcomes[2], Applied)
    changed = state.experiments["e"]
    assert (changed.name, changed.description, changed.archived) == ("y", "d", True)
    assert (changed.position, changed.version) == (1 << 48, (1 << 48) + 2)
    assert state.experiment_ids == {"y": "e"}


def test_a_change_of_an_experiment_to_a_taken_name_changes_nothing() -> None:
    change = ExperimentChanged(experiment_id="b", name="x", description="d", archived=True)
    before, _ = fold_catalog_all([experiment("a", "x"), experiment("b", "y")])
    state, outcomes = fold_catalog_all([change], before)
    assert outcomes == [Ignored("name taken by a", "bad_request", "a")]
    assert state is before


def test_a_change_of_a_tag_keeps_what_it_does_not_name_and_an_empty_text_clears() -> None:
    created = TagCreated(tag_id="t", name="x", color="#fff", description="d")
    state, outcomes = fold_catalog_all([created, tag("u", "x"), TagChanged(tag_id="u", name="y", archived=True)])
    assert isinstance(outcomes[2], Applied)
    changed = state.tags["t"]
    assert (changed.name, changed.color, changed.description, changed.archived) == ("y", "#fff", "d", True)
    assert (changed.position, changed.version) == (1 << 48, (1 << 48) + 2)
    assert state.tag_ids == {"y": "t"}
    state, _ = fold_catalog_all([TagChanged(tag_id="t", color="", description="", archived=False)], state)
    changed = state.tags["t"]
    assert (changed.name, changed.color, changed.description, changed.archived) == ("y", None, None, False)


def test_a_change_of_a_tag_to_a_taken_name_is_refused_as_a_whole() -> None:
    state, outcomes = fold_catalog_all([tag("a", "x"), tag("b", "y"), TagChanged(tag_id="b", name="x", archived=True)])
    assert outcomes[2] == Ignored("name taken by a", "bad_request", "a")
    assert (state.tags["b"].name, state.tags["b"].archived) == ("y", False)
    assert state.tag_ids == {"x": "a", "y": "b"}


@pytest.mark.parametrize("event", [TagChanged(tag_id="zzz", name="n"), TagDeleted(tag_id="zzz")])
def test_changing_an_unknown_tag_is_not_found(event: Event) -> None:
    before, _ = fold_catalog_all([tag("a", "x")])
    state, outcomes = fold_catalog_all([event], before)
    assert outcomes == [Ignored("tag not found", "not_found")]
    assert state is before


def test_a_deleted_tag_is_gone_with_its_aliases_and_frees_its_name() -> None:
    state, outcomes = fold_catalog_all(
        [tag("a", "x"), tag("b", "x"), tag("o", "y"), tag("p", "y"), TagDeleted(tag_id="b"), TagDeleted(tag_id="a")]
    )
    assert isinstance(outcomes[4], Applied)
    assert outcomes[5] == Ignored("tag not found", "not_found")
    assert (list(state.tags), list(state.aliases), state.tag_ids) == (["o"], ["p"], {"y": "o"})
    assert (state.resolve("tag", "a"), state.resolve("tag", "b")) == (None, None)
    state, _ = fold_catalog_all([tag("c", "x")], state)
    assert state.resolve("tag", "c") == "c"


def test_a_deleted_experiment_is_gone_with_its_notes_and_aliases_and_frees_its_name() -> None:
    state, outcomes = fold_catalog_all(
        [
            experiment("a", "x"),
            experiment("b", "x"),
            experiment("c", "y"),
            note("b", "n1"),
            note("c", "n2"),
            ExperimentDeleted(experiment_id="b"),
            ExperimentDeleted(experiment_id="a"),
            experiment("d", "x"),
        ]
    )
    assert isinstance(outcomes[5], Applied)
    assert outcomes[6] == Ignored("experiment not found", "not_found")
    assert isinstance(outcomes[7], Applied)
    assert (list(state.experiments), list(state.experiment_notes), state.aliases) == (["c", "d"], ["n2"], {})
    assert state.experiment_ids == {"y": "c", "x": "d"}


def test_deleting_one_kind_leaves_the_other_alone() -> None:
    before, _ = fold_catalog_all([tag("a", "x"), experiment("e", "x")])
    _, outcomes = fold_catalog_all([TagDeleted(tag_id="e"), ExperimentDeleted(experiment_id="a")], before)
    assert [type(outcome) for outcome in outcomes] == [Ignored, Ignored]


def test_a_note_is_of_the_experiment_that_counts_and_keeps_its_time_of_creation() -> None:
    state, _ = fold_catalog_all(
        [
            experiment("a", "x"),
            experiment("b", "x"),
            note("b", "n", T0 + 1),
            ExperimentNoteEdited(experiment_id="a", note_id="n", content="more", at=T0 + 5),
        ]
    )
    kept = state.experiment_notes["n"]
    assert (kept.experiment_id, kept.content, kept.created_at, kept.updated_at) == ("a", "more", T0 + 1, T0 + 5)
    assert kept.version == (1 << 48) + 3
    after, outcomes = fold_catalog_all([note("a", "n", T0 + 9)], state)
    assert (outcomes, after) == ([Ignored("duplicate", "conflict")], state)


@pytest.mark.parametrize(
    "event",
    [
        ExperimentNoteEdited(experiment_id="b", note_id="n", content="c", at=T0),
        ExperimentNoteDeleted(experiment_id="b", note_id="n"),
        ExperimentNoteEdited(experiment_id="a", note_id="zzz", content="c", at=T0),
        ExperimentNoteDeleted(experiment_id="zzz", note_id="n"),
    ],
)
def test_a_note_of_another_experiment_is_not_found(event: Event) -> None:
    before, _ = fold_catalog_all([experiment("a", "x"), experiment("b", "y"), note("a", "n")])
    state, outcomes = fold_catalog_all([event], before)
    assert outcomes == [Ignored("note not found", "not_found")]
    assert state is before
    assert fold_catalog_all([ExperimentNoteDeleted(experiment_id="a", note_id="n")], before)[0].experiment_notes == {}


def test_pinning_replaces_the_whole_list() -> None:
    state, _ = fold_catalog_all(
        [
            SequencesPinned(sequences=(PinnedSequence("a"), PinnedSequence("b"))),
            SequencesPinned(sequences=(PinnedSequence("loss", {"subset": "val"}),)),
        ]
    )
    assert state.pinned is not None
    assert unpack(state.pinned.packed) == [{"name": "loss", "context": {"subset": "val"}}]


def test_the_old_state_stays_valid() -> None:
    before, _ = fold_catalog_all([experiment("a", "x"), tag("t", "y")])
    copy = CatalogState.from_documents(before.experiments.values(), before.tags.values())
    fold_catalog_all([ExperimentRenamed(experiment_id="a", name="n"), tag("u", "y"), tag("v", "w")], before)
    assert before == copy


def test_a_state_built_from_its_documents_is_the_same() -> None:
    state, _ = fold_catalog_all(
        [
            experiment("e2", "later"),
            experiment("e1", "x"),
            experiment("e3", "x"),
            tag("t", "y"),
            ExperimentRenamed(experiment_id="e2", name="new"),
            note("e1", "n"),
            tag("gone", "soon"),
            TagDeleted(tag_id="gone"),
            SequencesPinned(sequences=()),
        ]
    )
    built = CatalogState.from_documents(
        reversed(state.experiments.values()),
        state.tags.values(),
        state.aliases.values(),
        state.pinned,
        state.experiment_notes.values(),
    )
    assert built == state
    assert list(built.experiments) == ["e2", "e1"]


def test_an_event_of_a_run_is_no_event_of_the_catalog() -> None:
    with pytest.raises(InvalidEvent):
        fold_catalog_all([RunDeleted()])
