import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.projector.fold.builders import T0, fold_all, run_of

from contracts.errors import InvalidEvent
from contracts.events import (
    Event,
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    RunCreated,
    RunDeleted,
    RunFinished,
    RunResumed,
    TombstoneCleared,
)
from contracts.events.logs import MAX_LINE_NUMBER
from projector.fold.logs import MAX_NUMBER
from projector.fold.outcome import Applied

session_lines = st.integers(0, 3) | st.integers(0, MAX_LINE_NUMBER) | st.integers(MAX_LINE_NUMBER - 3, MAX_LINE_NUMBER)


def lines(*numbers: int, absolute: bool = False) -> LogLinesAppended:
    return LogLinesAppended(lines=tuple(LogLine(number, f"line {number}") for number in numbers), absolute=absolute)


def records(*numbers: int | None) -> LogRecordsAppended:
    return LogRecordsAppended(records=tuple(LogRecord("m", 20, T0, number=number) for number in numbers))


def numbers_of(*events: Event) -> list[tuple[int, ...]]:
    """Of those that carry lines or records."""
    outcomes = fold_all(events)[1]
    return [each.steps for each in outcomes if isinstance(each, Applied) and each.steps]


def test_lines_keep_the_numbers_of_the_client_that_created_the_run() -> None:
    assert numbers_of(RunCreated(at=T0), lines(0, 1, 1), lines(2)) == [(0, 1, 1), (2,)]
    assert run_of(RunCreated(at=T0), lines(0, 5), lines(3)).lines_end == 6


def test_lines_of_a_resumed_run_go_on_behind_those_that_are_there() -> None:
    events = [RunCreated(at=T0), lines(0, 1, 2), RunResumed(at=T0 + 1), lines(0, 1), lines(1, 2)]
    assert numbers_of(*events) == [(0, 1, 2), (3, 4), (4, 5)]
    assert numbers_of(*events, RunResumed(at=T0 + 2), lines(0))[-1] == (6,)


def test_a_resume_that_comes_twice_counts_once() -> None:
    events = [RunCreated(at=T0), lines(0, 1), RunResumed(at=T0 + 1), lines(0), RunResumed(at=T0 + 1), lines(1)]
    assert numbers_of(*events) == [(0, 1), (2,), (3,)]


def test_a_client_that_creates_the_run_anew_writes_over_its_lines() -> None:
    events = [RunCreated(at=T0), lines(0, 1), RunResumed(at=T0 + 1), lines(0), RunCreated(at=T0 + 2), lines(0)]
    assert numbers_of(*events) == [(0, 1), (2,), (0,)]
    assert run_of(*events).lines_end == 3


@settings(deadline=None)
@given(st.lists(st.lists(session_lines, min_size=1, max_size=4), max_size=6))
@example([[MAX_LINE_NUMBER]] * 3_000)
def test_no_number_of_resumes_leaves_a_line_of_a_session_without_a_number(sessions: list[list[int]]) -> None:
    events: list[Event] = [RunCreated(at=T0)]
    for session, numbers in enumerate(sessions, 1):
        events += [RunResumed(at=T0 + session), lines(*numbers)]
    numbered = numbers_of(*events)
    assert [len(each) for each in numbered] == [len(each) for each in sessions]
    assert all(0 <= number <= MAX_NUMBER for each in numbered for number in each)


@given(st.lists(st.integers(1, 1_000), min_size=2, max_size=6))
def test_sessions_that_count_write_over_no_line(lengths: list[int]) -> None:
    events: list[Event] = []
    for session, length in enumerate(lengths):
        events += [RunResumed(at=T0 + session), lines(*range(length))]
    assert [number for each in numbers_of(*events) for number in each] == list(range(sum(lengths)))


def test_what_users_do_and_an_end_start_no_session() -> None:
    events = [
        RunCreated(at=T0),
        lines(0, 1),
        RunFinished(at=T0 + 1, reason="user"),
        RunResumed(at=T0 + 2, by="user"),
        lines(2),
    ]
    assert numbers_of(*events) == [(0, 1), (2,)]


def test_lines_of_a_client_that_counts_for_the_whole_run_stay_where_they_are() -> None:
    events = [RunCreated(at=T0), lines(0, 1), RunResumed(at=T0 + 1), lines(2, 3, absolute=True)]
    assert numbers_of(*events) == [(0, 1), (2, 3)]


def test_a_resume_that_begins_the_run_begins_at_nothing() -> None:
    assert numbers_of(RunResumed(at=T0), lines(0)) == [(0,)]


def test_an_id_used_again_begins_without_lines_and_records() -> None:
    again = [RunDeleted(), TombstoneCleared(), RunResumed(at=T0 + 5)]
    events = [RunCreated(at=T0), lines(0, 1), records(None, None), *again, lines(0), records(None)]
    assert numbers_of(*events) == [(0, 1), (0, 1), (0,), (0,)]


def test_records_are_numbered_by_the_run() -> None:
    assert numbers_of(records(None, None), RunResumed(at=T0), records(None)) == [(0, 1), (2,)]
    assert run_of(records(None, None)).records_end == 2


def test_a_number_that_came_with_the_record_is_kept_and_counted_on() -> None:
    assert numbers_of(records(None, 5, None, 1, None)) == [(0, 5, 6, 1, 7)]


def test_logs_begin_a_run() -> None:
    early = LogRecordsAppended(records=(LogRecord("m", 20, T0 - 40),))
    assert run_of(early).created_at == T0 - 40
    assert run_of(lines(0)).created_at == T0


@pytest.mark.parametrize(
    "event",
    [
        LogLinesAppended(lines=()),
        LogRecordsAppended(records=()),
        lines(-1),
        lines((1 << 53) + 1),
        records(-1),
        records(1 << 60),
        LogRecordsAppended(records=(LogRecord("m", 20, float("inf")),)),
    ],
)
def test_what_can_never_be_applied_is_invalid(event: Event) -> None:
    with pytest.raises(InvalidEvent):
        run_of(event)
