"""The value of a log record."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import PROJECT, Dedupe, Header, Recorded, decode, encode
from contracts.errors import InvalidEvent
from contracts.events import ParamsSet, RunCreated, RunNoteAdded
from contracts.trees import pack, unpack

HEADER = Header(id="i", key="run", recorded_at=1.5)
leaves = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | st.text(max_size=5)
trees: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.integers(-(2**63), 2**63 - 1), inner, max_size=4)
    ),
    max_leaves=8,
)
headers = st.builds(
    Header,
    id=st.text(max_size=4),
    key=st.text(max_size=4),
    recorded_at=st.floats(0, 2e9),
    generation=st.integers(1, 100),
    actor=st.none() | st.text(max_size=4),
    request_id=st.none() | st.text(max_size=4),
    dedupe=st.none() | st.builds(Dedupe, st.text(max_size=4), st.integers(0, 500), st.integers(0, 3)),
)


@settings(deadline=None)
@given(headers, trees)
def test_what_was_encoded_is_decoded(header: Header, tree: Any) -> None:
    record = Recorded(header=header, event=ParamsSet(path=("a", 1), value=tree))
    assert decode(encode(record)) == record


def test_a_record_names_its_type_and_version_and_leaves_defaults_out() -> None:
    stored = unpack(encode(Recorded(header=HEADER, event=RunCreated(at=2.0))))
    assert stored == {"id": "i", "key": "run", "recorded_at": 1.5, "type": "RunCreated", "event": stored["event"]}
    assert decode(pack(stored)).header.project == PROJECT


def test_fields_that_a_later_build_adds_are_skipped() -> None:
    stored = unpack(encode(Recorded(header=HEADER, event=RunCreated(at=2.0))))
    assert decode(pack({**stored, "shard": 7})).event == RunCreated(at=2.0)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "RunTeleported"},
        {"version": 2},
        {"version": 0},
        {"event": {"type": "RunCreated"}},
        {"event": {"type": "RunCreated", "at": "noon"}},
        {"event": {"type": "RunResumed", "at": 1.0}},
        {"event": [1]},
        {"id": None},
        {"dedupe": "x"},
    ],
)
def test_what_is_no_event_is_invalid(change: dict[str, Any]) -> None:
    stored = unpack(encode(Recorded(header=HEADER, event=RunCreated(at=2.0))))
    with pytest.raises(InvalidEvent):
        decode(pack({**stored, **change}))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_invalid_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(InvalidEvent):
        decode(noise)


@settings(deadline=None)
@given(st.data())
def test_a_record_that_was_cut_is_invalid(data: st.DataObject) -> None:
    value = encode(Recorded(header=HEADER, event=RunNoteAdded(note_id="n", content="text", at=1.0)))
    with pytest.raises(InvalidEvent):
        decode(value[: data.draw(st.integers(0, len(value) - 1))])


def test_an_unknown_extension_is_invalid() -> None:
    value = encode(Recorded(header=HEADER, event=ParamsSet(path=("a",), value=2**70)))
    assert decode(value).event == ParamsSet(path=("a",), value=2**70)
    with pytest.raises(InvalidEvent):
        decode(value.replace(b"\xc7\x09\x01", b"\xc7\x09\x02"))
