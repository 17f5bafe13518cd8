"""The document of a run."""

from tests.unit.projector.fold.builders import T0, run_of, tracked

from contracts.events import ParamsSet, RunCreated, RunDeleted, RunFinished, RunRenamed, RunTagged, TombstoneCleared
from contracts.read_models import RunDocument, SeriesSummary, to_document
from projector.projections.runs import document_for

BASE = 1 << 48


def test_a_document_shows_the_run() -> None:
    document = document_for(
        run_of(
            RunCreated(at=T0 - 1),
            RunRenamed(name="mine"),
            ParamsSet(path=("a", 1), value=2**70),
            tracked([(3, 0.5)]),
            RunTagged(tag_id="t2", name="x"),
            RunTagged(tag_id="t1", name="y"),
            RunFinished(at=T0 + 9, reason="client"),
        )
    )
    assert document.params_tree() == {"a": {1: 2**70}}
    assert document.summaries() == [SeriesSummary("loss", {}, "float", 3, 0.5, 3, 0.5, 0.5, 0.5)]
    assert (document.name, document.tag_ids, document.experiment_id) == ("mine", ["t2", "t1"], None)
    assert (document.created_at, document.ended_at, document.updated_at) == (T0 - 1, T0 + 9, T0 + 6)
    assert (document.incarnation, document.phase, document.active, document.archived) == (1, "live", False, False)
    assert to_document(document)["_v"] == BASE + 6


def test_series_are_ordered_by_name_and_context_whoever_came_first() -> None:
    document = document_for(
        run_of(
            tracked([(0, 1.0)], name="b"),
            tracked([(0, 1.0)], name="a", context={"z": 1}),
            tracked([(0, 1.0)], name="a", context={"b": 1}),
            tracked([(0, 1.0)], name="a"),
        )
    )
    assert [(one.name, one.context) for one in document.summaries()] == [
        ("a", {"b": 1}),
        ("a", {"z": 1}),
        ("a", {}),
        ("b", {}),
    ]


def test_a_document_moves_with_what_it_shows_alone() -> None:
    events = [RunCreated(at=T0), ParamsSet(path=("a",), value=1)]
    before, after = document_for(run_of(*events)), document_for(run_of(*events, RunCreated(at=T0)))
    assert before == after
    assert before.version == BASE + 1


def test_a_deleted_run_is_hidden_until_its_next_incarnation() -> None:
    deleted = document_for(run_of(RunCreated(at=T0), RunDeleted()))
    cleared = document_for(run_of(RunCreated(at=T0), RunDeleted(), TombstoneCleared()))
    reborn = document_for(run_of(RunCreated(at=T0), RunDeleted(), TombstoneCleared(), RunCreated(at=T0 + 5)))
    assert (deleted.phase, deleted.version) == ("deleted", BASE + 1)
    assert cleared == deleted
    assert (reborn.phase, reborn.incarnation, reborn.version) == ("live", 2, BASE + 3)


def test_a_document_is_stored_under_the_runs_id() -> None:
    stored = to_document(document_for(run_of(RunCreated(at=T0))))
    assert stored["_id"] == "run-1"
    assert set(stored) == set(RunDocument.__struct_encode_fields__)
