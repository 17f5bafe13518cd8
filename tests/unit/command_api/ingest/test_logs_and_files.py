"""Lines, records, files and notes of messages; large params."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.command_api.ingest.reading import NOW, translated

from command_api.application.claim_check import Claims
from command_api.application.ingest.limits import MAX_EVENT_BYTES, MAX_PART_BYTES
from command_api.application.ingest.params import members_events, params_events
from command_api.application.ingest.translate import AddNote, What
from contracts.blobs import Blob
from contracts.events import (
    ArtifactAdded,
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    ParamsSet,
    PointsTracked,
    RunResumed,
)
from contracts.keys import upload_place
from contracts.rest.bounds import MAX_NOTE_BYTES
from contracts.trees import MAX_INLINE_BYTES, StoredValue, Tree, pack, unpack, with_values
from projector.fold.params import Params, merge_subtree, set_subtree

LARGE = "x" * MAX_INLINE_BYTES
LONG = "y/" * 1_898 + "x" * 300
"""A path of as many bytes as one may have, its last part longer than file systems take."""


def message(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def line(step: int, text: str = "t") -> dict[str, Any]:
    return message("log_terminal_line", line=text, step=step)


def record(**fields: Any) -> dict[str, Any]:
    return message("log_record", **{"message": "m", "level": 20, "timestamp": NOW - 1, **fields})


def whats(*messages: Any) -> list[What]:
    result = translated(*messages)
    assert result.rejected == []
    return [step.what for step in result.steps]


def uploaded(key: str) -> Blob:
    """What an announced upload refers to: the client's key, and where the store has it."""
    return Blob(key=key, place=upload_place(key))


@pytest.mark.parametrize(
    ("given", "events"),
    [
        ([line(0, ""), line(1, "ü\x1b[31m"), line(1, "\ud83d")], [LogLinesAppended(
            lines=(LogLine(0, ""), LogLine(1, "ü\x1b[31m"), LogLine(1, "\ufffd")))]),
        ([record()], [LogRecordsAppended(records=(LogRecord("m", 20, NOW - 1),))]),
        ([record(timestamp=None)], [LogRecordsAppended(records=(LogRecord("m", 20, NOW),))]),
        ([record(timestamp=NOW + 90_000)], [LogRecordsAppended(records=(LogRecord("m", 20, NOW),))]),
        ([record(logger_info=["f.py", 12], extra_args={"a": [1]})], [LogRecordsAppended(
            records=(LogRecord("m", 20, NOW - 1, {"a": [1]}, ["f.py", 12]),))]),
        ([record(logger_info={"1": 12})], [LogRecordsAppended(
            records=(LogRecord("m", 20, NOW - 1, None, {"1": 12}),))]),
        ([message("blob_ref", s3_key="run-1/out/a.txt", artifact_path="out/a.txt", content_type="text/plain")],
         [ArtifactAdded(path="out/a.txt", name="a.txt", blob=uploaded("run-1/out/a.txt"), content_type="text/plain")]),
        ([message("blob_ref", blob_key="run-1/a..b", artifact_path="a..b")],
         [ArtifactAdded(path="a..b", name="a..b", blob=uploaded("run-1/a..b"),
                        content_type="application/octet-stream")]),
        ([message("blob_ref", s3_key=f"{'r' * 128}/{LONG}", artifact_path=LONG)],
         [ArtifactAdded(path=LONG, name=LONG[-300:], blob=uploaded(f"{'r' * 128}/{LONG}"),
                        content_type="application/octet-stream")]),
        ([message("artifact", path="out/w.bin", uri="s3://b/k")],
         [ArtifactAdded(path="out/w.bin", name="w.bin", uri="s3://b/k")]),
        ([message("artifact", path="out/w.bin", name="n", uri="s3://b/k", content_type="x/y")],
         [ArtifactAdded(path="out/w.bin", name="n", uri="s3://b/k", content_type="x/y")]),
        ([message("note", content=" c ")], [AddNote("c", NOW, NOW)]),
        ([message("note", content="c", created_at=NOW - 9, updated_at="2025-12-31T23:59:59")],
         [AddNote("c", NOW - 9, NOW - 1)]),
        ([message("note", content="", created_at=NOW - 9)], [AddNote("", NOW - 9, NOW - 9)]),
    ],
)  # fmt: skip
def test_messages_become_events(given: list[Any], events: list[What]) -> None:
    assert whats(*given) == events


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (message("log_terminal_line", step=0), "line"),
        (message("log_terminal_line", line="x"), "step"),
        (line(-1), "step"),
        (line(2**53), "step"),
        (message("log_terminal_line", line=1, step=0), "line"),
        (record(level=None), "level"),
        (record(level=2**40), "level"),
        (record(message=3), "message"),
        (record(timestamp="x"), "ISO 8601"),
        (record(extra_args={"a": b"x"}), "bytes"),
        (record(logger_info=b"x"), "bytes"),
        (message("blob_ref", artifact_path="a"), "s3_key or blob_key"),
        (message("blob_ref", s3_key="k"), "artifact_path"),
        (message("blob_ref", s3_key="r/a/../b", artifact_path="a/../b"), "segments"),
        (message("blob_ref", s3_key="r//b", artifact_path="b"), "segments"),
        (message("blob_ref", s3_key="r/b", artifact_path="/b"), "segments"),
        (message("blob_ref", s3_key="r/b", artifact_path="b\n"), "control"),
        (message("blob_ref", s3_key="r/b", artifact_path="ü" * 2_049), "4096 bytes"),
        (message("blob_ref", s3_key="r/" + "ü" * 2_049, artifact_path="b"), "4096 bytes"),
        (message("blob_ref", s3_key="x" * 129 + "/b", artifact_path="b"), "run_id"),
        (message("blob_ref", s3_key="r", artifact_path="b"), "segments"),
        (message("artifact", path="a"), "uri"),
        (message("artifact", uri="a"), "path"),
        (message("artifact", path="a", uri="x" * 5_000), "uri"),
        (message("note"), "content"),
        (message("note", content="x", created_at="x"), "ISO 8601"),
    ],
)
def test_a_bad_message_is_named_and_leaves_nothing(given: Any, text: str) -> None:
    result = translated(given)
    assert (result.accepted, result.steps, result.content) == (0, [], {})
    assert text in result.rejected[0].message


def test_lines_records_and_points_wait_for_each_other() -> None:
    point = message("log_metric", name="loss", value=1)
    steps = translated(
        line(0), point, record(), line(1), point, record(), message("create_run", force_resume=True)
    ).steps
    assert [(step.index, type(step.what)) for step in steps] == [
        (0, LogLinesAppended),
        (1, PointsTracked),
        (2, LogRecordsAppended),
        (6, RunResumed),
    ]


def test_lines_on_both_sides_of_a_resume_are_two_events() -> None:
    """The fold puts those behind it elsewhere."""
    kinds = [type(what) for what in whats(line(0), message("create_run", force_resume=True), line(0))]
    assert kinds == [LogLinesAppended, RunResumed, LogLinesAppended]


def test_records_that_all_came_with_their_time_are_known_by_their_frame() -> None:
    assert [step.by_frame for step in translated(record(), line(0), record()).steps] == [True, False]
    assert [step.by_frame for step in translated(record(), record(timestamp=None)).steps] == [False]
    parted = translated(record(timestamp=None), message("finish_run"), record()).steps
    assert [step.by_frame for step in parted] == [False, False, True]


def test_large_texts_of_logs_are_set_aside() -> None:
    result = translated(line(0, LARGE), record(message=LARGE), record(extra_args={"a": LARGE}))
    lines, records = (step.what for step in result.steps)
    assert isinstance(lines, LogLinesAppended)
    assert isinstance(records, LogRecordsAppended)
    claims = [lines.lines[0].text, records.records[0].message, records.records[1].args]
    assert all(isinstance(claim, StoredValue) for claim in claims)
    assert [unpack(result.content[claim.hash]) for claim in claims] == [LARGE, LARGE, {"a": LARGE}]


@pytest.mark.parametrize("text", [LARGE, "\u00e4" * (MAX_NOTE_BYTES // 2)], ids=["large", "longest"])
def test_a_large_note_is_set_aside(text: str) -> None:
    result = translated(message("note", content=f" {text}\n"))
    (note,) = (step.what for step in result.steps)
    assert isinstance(note, AddNote)
    assert isinstance(note.content, StoredValue)
    assert unpack(result.content[note.content.hash]) == text


@pytest.mark.parametrize("text", ["x" * (MAX_NOTE_BYTES + 1), "\u00e4" * (MAX_NOTE_BYTES // 2 + 1)])
def test_a_note_that_is_too_long_costs_its_message_alone(text: str) -> None:
    result = translated(message("note", content=text), message("note", content="short"))
    assert (result.accepted, result.content) == (1, {})
    (rejected,) = result.rejected
    assert rejected.index == 0
    assert str(MAX_NOTE_BYTES) in rejected.message


def test_many_lines_become_events_of_bounded_size() -> None:
    result = translated(*[line(number, "x" * 10_000) for number in range(200)])
    assert [step.part for step in result.steps] == list(range(len(result.steps)))
    assert len(result.steps) > 1
    assert all(len(pack(step.what)) < MAX_EVENT_BYTES for step in result.steps)


def test_a_large_param_is_set_aside_and_its_neighbours_are_not() -> None:
    result = translated(message("log_hparams", value={"a": {"b": LARGE, "c": 1, "d": [LARGE], "e": {"f": LARGE}}}))
    (event,) = (step.what for step in result.steps)
    assert isinstance(event, ParamsSet)
    assert (event.path, event.merge) == (("a",), False)
    assert [type(value) for value in event.value.values()] == [StoredValue, int, StoredValue, dict]
    assert isinstance(event.value["e"]["f"], StoredValue)
    assert len(result.content) == 2  # the same content is one blob


def test_a_large_text_alone_is_set_aside() -> None:
    result = translated(message("log_hparams", value={"a": LARGE}))
    (event,) = (step.what for step in result.steps)
    assert isinstance(event, ParamsSet)
    assert isinstance(event.value, StoredValue)


def test_what_is_rejected_sets_nothing_aside() -> None:
    result = translated(message("log_hparams", value={"x" * MAX_EVENT_BYTES: {"a": LARGE}}))
    assert (len(result.rejected), result.content) == (1, {})


def folded(events: list[ParamsSet], params: Params | None = None) -> Params:
    """What the events make of params, of none unless given."""
    made: Params = params or {}
    for event in events:
        made = (merge_subtree if event.merge else set_subtree)(made, event.path, event.value)
    return made


def test_an_object_of_very_many_members_is_cut_and_keeps_their_order() -> None:
    inner = {f"inner {number}": number for number in range(60_000)}
    value = {f"key {number}": "v" * 20 for number in range(30_000)} | {"inner": inner, "last": True}
    events = params_events(("a",), value, Claims())
    assert len(events) > 2
    assert all(len(pack(event)) <= MAX_PART_BYTES + 1_000 for event in events)
    made = folded(events)["a"]
    assert made == value
    assert list(made) == list(value)
    assert list(made["inner"]) == list(inner)


texts = st.sampled_from(["", "short", "x" * 200_000, "y" * 300_000])
values = st.recursive(
    texts | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=6),
    max_leaves=12,
)


def test_many_members_at_the_top_are_few_events_and_replace_each_its_own_subtree() -> None:
    inner = {f"inner {number}": number for number in range(60_000)}
    value: Params = {"old": {"new": 1}, **{f"key {number}": "v" * 20 for number in range(30_000)}, "inner": inner}
    events = members_events(value, Claims())
    assert 2 < len(events) < 10
    assert all(len(pack(event)) <= MAX_PART_BYTES + 1_000 for event in events)
    made = folded(events, {"kept": 1, "old": {"gone": 1}, "inner": {"gone": 1}})
    assert made == {"kept": 1, **value}
    assert list(made["inner"]) == list(inner)


def test_what_lies_deep_takes_no_event_for_each_level() -> None:
    value: Tree = {f"key {number}": "v" * 20 for number in range(30_000)}
    alone = len(params_events(("a",), value, Claims()))
    for _ in range(40):
        value = {"deeper": value}
    assert len(params_events(("a",), value, Claims())) == alone + 1
    assert len(members_events({"a": value, "b": 1}, Claims())) == alone + 2


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), values), st.dictionaries(st.sampled_from("abcxyz"), values))
def test_members_at_the_top_are_what_setting_each_alone_makes(old: Params, value: Params) -> None:
    inline = len(pack(value)) <= MAX_INLINE_BYTES
    expected = {**old, **(value if inline else Claims().value(value))}
    assert folded(members_events(value, Claims()), old) == expected


@settings(max_examples=40, deadline=None)
@given(values)
def test_any_value_comes_back_from_its_events_and_what_was_set_aside(value: Tree) -> None:
    claims = Claims()
    events = params_events(("a",), value, claims)
    assert all(len(pack(event)) < MAX_EVENT_BYTES for event in events)
    kept = {content: unpack(data) for content, data in claims.blobs.items()}
    whole = with_values(folded(events)["a"], _Values(kept))
    assert whole == value


class _Values(dict[StoredValue, Tree]):
    def __init__(self, by_hash: dict[str, Tree]) -> None:
        super().__init__()
        self._by_hash = by_hash

    def __missing__(self, claim: StoredValue) -> Tree:
        return self._by_hash[claim.hash]
