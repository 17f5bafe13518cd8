"""Old versions of events are brought up to date when they are read."""

import pytest

from contracts import examples, upcasts
from contracts.errors import InvalidEvent
from contracts.events import EVENTS, RunFinished
from contracts.upcasts import STEPS, Fields, Step, event_class, upcast


def test_every_listed_event_is_found_by_its_name() -> None:
    assert [event_class(event.__name__) for event in EVENTS] == list(EVENTS)


def test_an_unknown_name_is_invalid() -> None:
    with pytest.raises(InvalidEvent):
        event_class("RunTeleported")


def test_the_current_version_is_left_as_it_is() -> None:
    fields = {"at": 1.0, "reason": "client"}
    assert upcast("RunFinished", RunFinished.schema_version, fields) is fields


@pytest.mark.parametrize("version", [0, -1, 2, 99])
def test_a_version_that_never_was_is_invalid(version: int) -> None:
    with pytest.raises(InvalidEvent):
        upcast("RunFinished", version, {})


def test_steps_are_taken_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    class Third(RunFinished, frozen=True, kw_only=True, tag="RunFinished"):
        schema_version = 3

    monkeypatch.setitem(upcasts._CLASSES, "RunFinished", Third)

    def to_second(fields: Fields) -> Fields:
        return {**fields, "reason": "client"}

    def to_third(fields: Fields) -> Fields:
        return {**fields, "at": fields["at"] / 1000}

    steps: dict[tuple[str, int], Step] = {("RunFinished", 1): to_second, ("RunFinished", 2): to_third}
    assert upcast("RunFinished", 1, {"at": 2000.0}, steps) == {"at": 2.0, "reason": "client"}
    assert upcast("RunFinished", 2, {"at": 2000.0, "reason": "stale"}, steps) == {"at": 2.0, "reason": "stale"}


def test_there_is_a_step_from_every_old_version_and_no_other() -> None:
    assert set(STEPS) == {(event.__name__, v) for event in EVENTS for v in range(1, event.schema_version)}


@pytest.mark.parametrize(("name", "version"), examples.names())
def test_examples_of_all_versions_become_current_events(name: str, version: int) -> None:
    assert type(examples.load(name, version).event) is event_class(name)
