"""The bound of the queue and the size of records."""

import pytest

from contracts.topics import CATALOG, MAX_RECORD_BYTES, RUNS
from stores.errors import LogFull
from stores.eventlog.admission import QueueBudget, checked_size
from stores.eventlog.port import NewRecord


def test_the_size_counts_keys_in_bytes_and_something_for_each_record() -> None:
    short, long = NewRecord(RUNS, 0, "k", b"x"), NewRecord(CATALOG, 0, "éé", b"x" * 100)
    assert checked_size([]) == 0
    assert checked_size([long]) - checked_size([short]) == 99 + 3
    assert checked_size([short, long]) == checked_size([short]) + checked_size([long])
    assert checked_size([short]) > 2


def test_the_largest_value_passes_and_one_byte_more_does_not() -> None:
    checked_size([NewRecord(RUNS, 0, "k", b"x" * MAX_RECORD_BYTES)])
    with pytest.raises(ValueError, match="limit"):
        checked_size([NewRecord(RUNS, 0, "k", b"x" * (MAX_RECORD_BYTES + 1))])


def test_the_budget_refuses_what_does_not_fit_until_there_is_room() -> None:
    budget = QueueBudget(100)
    budget.take(60)
    budget.take(40)
    with pytest.raises(LogFull):
        budget.take(1)
    budget.release(60)
    budget.take(60)


def test_one_append_above_the_limit_passes_when_nothing_waits() -> None:
    budget = QueueBudget(100)
    budget.take(500)
    with pytest.raises(LogFull):
        budget.take(1)
    budget.release(500)
    budget.take(500)
