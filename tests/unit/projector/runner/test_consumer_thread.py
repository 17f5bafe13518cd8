"""A thread of Faust's always tells that it ended, and never keeps the process."""

import asyncio
from collections.abc import Callable

import pytest

from projector.runner.consumer_thread import ConsumerThread


class _Service:
    """What a thread of Faust's asks of its service."""

    def __init__(self, work: Callable[[], None], told: Callable[[], object]) -> None:
        self._start_thread = work
        self.set_shutdown = told


def _closed_between_two_tries() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("work", [lambda: None, _closed_between_two_tries])
def test_whoever_waits_for_it_is_told(work: Callable[[], None]) -> None:
    told: list[bool] = []
    thread = ConsumerThread(_Service(work, lambda: told.append(True)))
    thread.start()
    thread.stop()
    assert told == [True]


def test_it_ends_quietly_when_nobody_waits_any_more() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    thread = ConsumerThread(_Service(lambda: None, lambda: loop.call_soon_threadsafe(print)))
    thread.start()
    thread.stop()  # an exception in a thread fails the test


def test_the_process_ends_without_it() -> None:
    assert ConsumerThread(_Service(lambda: None, lambda: None)).daemon
