"""Objects, logs, artifacts and claims in the views."""

from typing import Any

import numpy as np
from tests.unit.projector.fold.builders import RUN, T0, at, fold_all, recorded, run_of

from contracts.blobs import Blob
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
    ParamsSet,
    RunCreated,
    Text,
)
from contracts.keys import artifact_id, context_key, data_key
from contracts.metric_points import NEXT_STEP
from contracts.read_models.logs import unpack_line, unpack_record
from contracts.read_models.objects import unpack_items
from contracts.trees import set_aside
from projector.fold.outcome import Applied
from projector.fold.run_state import RunState
from projector.projections import log_lines, log_records, objects, run_artifacts
from projector.projections.history import entry_for, is_bulk
from projector.projections.run_segments import segments_for
from projector.projections.runs import document_for

CLAIM, _ = set_aside("a large text")


def applied(*events: Event) -> tuple[Applied, RunState]:
    """The last one, and the state after it."""
    state, outcomes = fold_all(events)
    assert state is not None
    assert isinstance(outcomes[-1], Applied)
    return outcomes[-1], state


def text_row(series: int, step: int, *texts: str, epoch: float | None = None) -> ObjectRow:
    return ObjectRow(series, step, epoch, T0 + step, len(texts) != 1, tuple(Text(text) for text in texts))


def test_of_a_step_of_a_series_the_last_write_of_the_event_is_a_row() -> None:
    table = (ObjectSeries("texts", "a", {}), ObjectSeries("texts", "a", {"b": 1}), ObjectSeries("texts", "a", {}))
    event = ObjectsTracked(
        series=table,
        rows=(text_row(0, 5, "old", epoch=1.0), text_row(1, 5, "x", "y"), text_row(2, 5, "new"), text_row(0, 2, "z")),
    )
    rows = objects.rows_for(*applied(event), at(7))
    assert rows is not None
    assert rows.kinds == ["texts"] * 3
    assert rows.names == ["a"] * 3
    assert rows.contexts.tolist() == [0, context_key({"b": 1}), 0]
    assert rows.steps.tolist() == [5, 5, 2]
    assert rows.listed.tolist() == [False, True, False]
    assert np.isnan(rows.epochs).all()
    assert rows.times.tolist() == [T0 + 5, T0 + 5, T0 + 2]
    assert [unpack_items(payload) for payload in rows.payloads] == [
        (Text("new"),),
        (Text("x"), Text("y")),
        (Text("z"),),
    ]
    assert set(rows.data_keys.tolist()) == {data_key(RUN, 1)}
    assert set(rows.versions.tolist()) == {at(7).version}


def test_rows_have_the_steps_that_the_fold_chose() -> None:
    event = ObjectsTracked(series=(ObjectSeries("texts", "a", {}),), rows=(text_row(0, 3, "x"),))
    following = ObjectsTracked(
        series=(ObjectSeries("texts", "a", {}),), rows=(ObjectRow(0, NEXT_STEP, None, T0, False, (Text("y"),)),)
    )
    rows = objects.rows_for(*applied(event, following), at(1))
    assert rows is not None
    assert rows.steps.tolist() == [4]


def test_of_a_line_the_last_write_of_the_event_is_a_row() -> None:
    event = LogLinesAppended(lines=(LogLine(0, "a"), LogLine(1, "half"), LogLine(1, "whole"), LogLine(2, CLAIM)))
    rows = log_lines.rows_for(*applied(event), at(3))
    assert rows is not None
    assert rows.steps.tolist() == [0, 1, 2]
    assert [unpack_line(payload) for payload in rows.payloads] == ["a", "whole", CLAIM]
    assert set(rows.data_keys.tolist()) == {data_key(RUN, 1)}


def test_records_are_rows() -> None:
    record = LogRecord("m", 30, T0, {"a": 1}, ["f.py", 7])
    first = LogRecordsAppended(records=(record,))
    rows = log_records.rows_for(*applied(first, LogRecordsAppended(records=(record, record))), at(3))
    assert rows is not None
    assert rows.steps.tolist() == [1, 2]
    assert [unpack_record(payload) for payload in rows.payloads] == [record, record]


def test_events_of_something_else_make_no_rows() -> None:
    what = applied(RunCreated(at=T0))
    assert objects.rows_for(*what, at(0)) is None
    assert log_lines.rows_for(*what, at(0)) is None
    assert log_records.rows_for(*what, at(0)) is None
    assert run_artifacts.rows_for(what[0].event, what[1], at(0)) == []


def test_an_artifact_is_a_document_that_keeps_its_place() -> None:
    first = ArtifactAdded(path="out/a", name="a", blob=Blob(key="run-1/out/a", size=3), content_type="text/plain")
    again = ArtifactAdded(path="out/a", name="b", uri="s3://bucket/a")
    hidden = ArtifactAdded(path="seq/a/1.png", name="1.png", blob=Blob(key="run-1/seq/a/1.png"))
    state = run_of(first, again, hidden)
    (one,) = run_artifacts.rows_for(first, state, at(0))
    assert (one.id, one.position, one.listed) == (artifact_id(RUN, 1, "out/a"), at(0).version, True)
    assert (one.uri, one.key, one.size, one.content_type) == (None, "run-1/out/a", 3, "text/plain")
    (two,) = run_artifacts.rows_for(again, state, at(1))
    assert (two.id, two.position, two.version, two.name) == (one.id, one.position, at(1).version, "b")
    assert (two.uri, two.key, two.blob) == ("s3://bucket/a", None, None)
    (three,) = run_artifacts.rows_for(hidden, state, at(2))
    assert (three.listed, three.position) == (False, at(2).version)


def test_data_leaves_no_entry_in_the_history_and_listed_artifacts_do() -> None:
    bulk = [
        ObjectsTracked(series=(ObjectSeries("texts", "a", {}),), rows=(text_row(0, 0, "x"),)),
        LogLinesAppended(lines=(LogLine(0, "a"),)),
        LogRecordsAppended(records=(LogRecord("m", 20, T0),)),
        ArtifactAdded(path="seq/a/1.png", name="1.png", blob=Blob(key="k")),
    ]
    for event in bulk:
        assert is_bulk(event)
        assert entry_for(recorded(event), at(0), Applied(event)) is None
    listed = ArtifactAdded(path="a", name="a", uri="s3://b/a")
    assert entry_for(recorded(listed), at(0), Applied(listed)) is not None


def test_the_document_of_a_run_lists_its_objects_and_how_far_its_logs_go() -> None:
    table = (ObjectSeries("texts", "b", {}), ObjectSeries("texts", "a", {"x": 1}), ObjectSeries("texts", "a", {}))
    event = ObjectsTracked(series=table, rows=tuple(text_row(index, 0, "x") for index in range(3)))
    run = document_for(
        run_of(event, LogLinesAppended(lines=(LogLine(4, "a"),)), LogRecordsAppended(records=(LogRecord("m", 20, T0),)))
    )
    assert [(one.name, one.context) for one in run.object_summaries()] == [("a", {"x": 1}), ("a", {}), ("b", {})]
    assert (run.lines_end, run.records_end, run.version) == (5, 1, at(2).version)
    assert run.summaries() == []


def set_param(value: Any) -> ParamsSet:
    return ParamsSet(path=("a",), value=value)


def test_claims_are_marked_where_readers_must_resolve_them() -> None:
    plain, claimed = run_of(set_param({"b": 1})), run_of(set_param({"b": [1], "c": {"d": CLAIM}}))
    assert not document_for(plain).claims
    assert not segments_for(plain).claims
    assert document_for(claimed).claims
    assert document_for(claimed).params_tree() == {"a": {"b": [1], "c": {"d": CLAIM}}}
    segments = segments_for(claimed)
    assert segments.claims
    assert (segments.params, segments.system_params) == (b"", b"")
    assert segments.traces != b""
