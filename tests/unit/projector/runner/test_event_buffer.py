import asyncio
from collections.abc import AsyncIterator

import pytest

from projector.runner.event_buffer import EventBuffer


async def numbers(count: int, seen: list[int]) -> AsyncIterator[int]:
    for number in range(count):
        seen.append(number)
        yield number


def buffer(max_records: int = 10, max_bytes: int = 1000) -> EventBuffer:
    return EventBuffer(max_records, max_bytes, lambda _event: 100)


async def test_everything_that_came_is_taken_at_once() -> None:
    events = buffer()
    await events.fill(numbers(5, []))
    assert await events.take() == [0, 1, 2, 3, 4]


async def test_a_full_buffer_holds_the_stream_up_until_it_is_taken() -> None:
    events, seen = buffer(max_records=3), list[int]()
    filling = asyncio.create_task(events.fill(numbers(7, seen)))
    assert await events.take() == [0, 1, 2]
    assert await events.take() == [3, 4, 5]
    assert await events.take() == [6]
    await filling


async def test_bytes_bound_it_too() -> None:
    events, seen = buffer(max_bytes=250), list[int]()
    filling = asyncio.create_task(events.fill(numbers(9, seen)))
    while not events.is_full:
        await asyncio.sleep(0)
    assert seen == [0, 1, 2]
    assert await events.take() == [0, 1, 2]
    filling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await filling


async def test_what_was_cleared_is_not_taken() -> None:
    events = buffer()
    await events.fill(numbers(3, []))
    events.clear()
    taking = asyncio.create_task(events.take())
    await asyncio.sleep(0)
    assert not taking.done()
    await events.fill(numbers(1, []))
    assert await taking == [0]


async def test_an_error_of_the_stream_goes_to_who_fills() -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("broken")

    events = buffer()
    with pytest.raises(ValueError, match="broken"):
        await events.fill(broken())
