import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.unit.command_api.matyan.messages import create, frame, metric, steps_of
from tests.unit.command_api.matyan.peer import Peer, desk_over
from tests.unit.command_api.support import Desk as Tables
from tests.unit.command_api.support import recorded

from contracts.events import ParamsSet, PointsTracked, RunCreated, RunFinished, TagCreated
from stores.errors import StoreUnavailable

OK = {"status": "ok", "error": None}


async def test_every_frame_is_answered_once_and_in_order() -> None:
    tables = Tables()
    async with Peer(desk_over(tables)) as peer:
        for text in (frame(create()), "{bad", frame(metric(0)), frame({"type": "finish_run"})):
            peer.send(text)
        answers = [await peer.answer() for _ in range(4)]
        assert [answer["status"] for answer in answers] == ["ok", "error", "ok", "ok"]
        assert not peer.is_answered
    assert [type(event) for event in tables.events] == [RunCreated, PointsTracked, RunFinished]


async def test_the_run_of_the_address_is_meant() -> None:
    tables = Tables()
    async with Peer(desk_over(tables), "mine") as peer:
        assert await peer.ask(frame(create("another"))) == OK
    assert [each.header.key for each in recorded(tables.log)] == ["mine"]


async def test_frames_may_come_as_bytes() -> None:
    tables = Tables()
    async with Peer(desk_over(tables)) as peer:
        assert await peer.ask(frame(metric(0)).encode()) == OK
    assert len(tables.events) == 1


async def test_a_frame_sent_again_is_answered_and_not_written_again() -> None:
    tables = Tables()
    desk = desk_over(tables)
    async with Peer(desk) as peer:
        for _ in range(3):
            assert await peer.ask(frame(metric(0))) == OK
        assert await peer.ask(frame(metric(1))) == OK
        assert await peer.ask(frame(metric(0))) == OK, "not in a row: it is written"
    assert [steps_of(event) for event in tables.events] == [[0], [1], [0]]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "set_run_property", "archived": True},
        {"type": "add_tag", "tag_name": "best"},
        {"type": "remove_tag", "tag_name": "best"},
        {"type": "log_hparams", "value": {"stage": "warm"}},
        {"type": "log_terminal_line", "line": "x", "step": 3},
    ],
    ids=lambda message: str(message["type"]),
)
async def test_what_tells_no_time_may_be_meant_anew_once_it_was_answered(message: dict[str, Any]) -> None:
    tables = Tables()
    async with Peer(desk_over(tables)) as peer:
        assert await peer.ask(frame(message)) == OK
        once = list(tables.events)
        assert await peer.ask(frame(message)) == OK
    of_run = [event for event in tables.events if not isinstance(event, TagCreated)]
    assert len(of_run) == 2 * len([event for event in once if not isinstance(event, TagCreated)]) > 0


async def test_an_equal_frame_that_comes_before_the_answer_was_sent_again() -> None:
    message = {"type": "log_hparams", "value": {"stage": "warm"}}
    tables = Tables()
    tables.faults.fail_next(lambda: StoreUnavailable("away"), 2)
    async with Peer(desk_over(tables)) as peer:
        peer.send(frame(message))
        peer.send(frame(message))
        assert [await peer.answer(), await peer.answer()] == [OK, OK]
    assert [type(event) for event in tables.events] == [ParamsSet]


async def test_an_answer_waits_for_a_log_that_comes_back() -> None:
    tables = Tables()
    tables.faults.fail_next(lambda: StoreUnavailable("away"), 2)
    async with Peer(desk_over(tables)) as peer:
        peer.send(frame(metric(0)))
        peer.send(frame(metric(0)))
        assert [await peer.answer(), await peer.answer()] == [OK, OK]
    assert [steps_of(event) for event in tables.events] == [[0]]


async def test_a_log_that_stays_away_is_told_once_for_each_frame_and_the_connection_goes_on() -> None:
    tables = Tables()
    tables.faults.fail_next(lambda: StoreUnavailable("away"), 1_000)
    async with Peer(desk_over(tables, patience_seconds=0.2)) as peer:
        peer.send(frame(metric(0)))
        peer.send(frame(metric(0)))
        assert [(await peer.answer())["status"] for _ in range(2)] == ["error", "error"]
        tables.faults.recover()
        assert await peer.ask(frame(metric(0))) == OK, "what was refused is taken when it comes again"
        assert await peer.ask(frame(metric(1))) == OK
    assert [steps_of(event) for event in tables.events] == [[0], [1]]


async def test_a_log_that_neither_takes_nor_refuses_is_told_as_well() -> None:
    tables = Tables()
    hold = asyncio.Event()
    append = tables.log.append

    async def stuck(records: object) -> object:
        await hold.wait()
        return await append(records)  # type: ignore[arg-type]  # handed through as it came

    tables.log.append = stuck  # type: ignore[method-assign, assignment]  # a log that hangs is no fault that it can raise
    async with Peer(desk_over(tables, patience_seconds=0.1)) as peer:
        assert (await peer.ask(frame(metric(0))))["status"] == "error"
        assert (await peer.ask(frame(metric(1))))["status"] == "error"
        hold.set()
        assert await peer.ask(frame(metric(2))) == OK
    # The append that hung was on its way and came true; the frame behind it had been given up.
    assert [steps_of(event) for event in tables.events] == [[0], [2]]


async def test_frames_that_arrived_during_an_append_are_one_event() -> None:
    tables = Tables()
    hold = asyncio.Event()
    append = tables.log.append

    async def slow(records: object) -> object:
        await hold.wait()
        return await append(records)  # type: ignore[arg-type]  # handed through as it came

    tables.log.append = slow  # type: ignore[method-assign, assignment]  # the test decides when an append ends
    desk = desk_over(tables)
    async with Peer(desk) as one, Peer(desk) as other:
        one.send(frame(metric(0)))
        await _until(lambda: one.unread_frames == 0)
        await asyncio.sleep(0)
        for step in (1, 2):
            one.send(frame(metric(step)))
            other.send(frame(metric(step + 10)))
        await _until(lambda: one.unread_frames == other.unread_frames == 0)
        hold.set()
        assert [await one.answer() for _ in range(3)] == [OK, OK, OK]
        assert [await other.answer() for _ in range(2)] == [OK, OK]
    assert [sorted(steps_of(event)) for event in tables.events] == [[0], [1, 2, 11, 12]]


async def test_a_client_that_reads_no_answers_is_not_read_any_more() -> None:
    tables = Tables()
    async with Peer(desk_over(tables)) as peer:
        peer.reads.clear()
        for step in range(100):
            peer.send(frame(metric(step)))
        await _until(lambda: 0 < peer.unread_frames <= 84)
        for _ in range(50):
            await asyncio.sleep(0)
        assert peer.unread_frames >= 80
        peer.reads.set()
        assert [await peer.answer() for _ in range(100)] == [OK] * 100


async def test_nothing_more_is_read_while_too_many_bytes_wait_for_the_log() -> None:
    tables = Tables()
    tables.faults.fail_next(lambda: StoreUnavailable("away"), 1_000)
    desk = desk_over(tables, patience_seconds=0.3, room_bytes=300)
    async with Peer(desk, "a") as one, Peer(desk, "b") as other:
        for step in range(10):
            one.send(frame(metric(step)))
            other.send(frame(metric(step)))
        for _ in range(50):
            await asyncio.sleep(0)
        assert one.unread_frames + other.unread_frames >= 16
        tables.faults.recover()
        assert [(await peer.answer())["status"] for peer in (one, other) for _ in range(10)] == ["ok"] * 20


async def test_what_was_received_is_written_after_the_client_left() -> None:
    tables = Tables()
    tables.faults.fail_next(lambda: StoreUnavailable("away"), 1)
    desk = desk_over(tables)
    async with Peer(desk) as peer:
        peer.send(frame(metric(0)))
        peer.send(frame(metric(1)))
        await _until(lambda: peer.unread_frames == 0)
    await desk.lanes.close(5.0)
    assert sorted(step for event in tables.events for step in steps_of(event)) == [0, 1]


async def test_closing_does_not_wait_for_a_log_that_is_away() -> None:
    tables = Tables()
    tables.faults.fail_next(lambda: StoreUnavailable("away"), 1_000)
    desk = desk_over(tables)
    async with Peer(desk) as peer:
        peer.send(frame(metric(0)))
        await _until(lambda: peer.unread_frames == 0)
        await desk.lanes.close(0.05)
        assert (await peer.answer())["status"] == "error"


async def test_a_bug_costs_its_frame_and_nothing_else() -> None:
    tables = Tables()
    tables.faults.fail_next(lambda: RuntimeError("bug"), 1)
    async with Peer(desk_over(tables)) as peer:
        assert "internal error" in str((await peer.ask(frame(metric(0))))["error"])
        assert await peer.ask(frame(metric(1))) == OK


async def test_frames_are_counted_by_what_became_of_them() -> None:
    tables = Tables()
    registry = CollectorRegistry()

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    async with Peer(desk_over(tables, registry=registry)) as peer:
        for text in (frame(create()), frame(create()), frame(metric(0), 7)):
            await peer.ask(text)
        assert value("tallybook_matyan_connections") == 1
    results = ("taken", "partly", "repeated")
    assert [value("tallybook_matyan_frames_total", result=result) for result in results] == [1, 1, 1]
    assert value("tallybook_command_ingested_messages_total", result="accepted") == 2
    assert value("tallybook_matyan_frame_seconds_count") == 2
    assert value("tallybook_matyan_connections") == 0


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0)
