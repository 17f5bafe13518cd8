"""The WebSocket of matyan-client on the wire: what a client sees besides answers."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest
from tests.e2e.product import Product, running, settle
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from contracts.aimcodec.reader import items

OK = {"status": "ok", "error": None}
_MEBIBYTE = 1 << 20


def address(product: Product, run_id: str, *, port: int | None = None, slashes: str = "/") -> str:
    return f"ws://127.0.0.1:{port or product.ingest_port}{slashes}api/v1/ws/runs/{run_id}"


def point(step: int, **more: Any) -> dict[str, Any]:
    return {"type": "log_metric", "name": "m", "value": 0.5, "step": step, **more}


async def ask(socket: ClientConnection, *messages: dict[str, Any]) -> Any:
    await socket.send(json.dumps(messages))
    return json.loads(await socket.recv())


def record(number: int) -> dict[str, Any]:
    return {"message": str(number), "level": 20, "timestamp": float(number)}


def last_step(product: Product, run_id: str) -> int:
    return steps(product, run_id)[-1]


def steps(product: Product, run_id: str) -> list[int]:
    """As the views show them, once they hold what the log holds."""
    settle(product, run_id)
    rest = f"{product.url}/api/v1/rest/runs/{run_id}"
    wanted = [{"name": "m", "context": {}}]
    density = {"record_density": -1}
    (metric,) = httpx.post(f"{rest}/metric/get-batch/", json=wanted, params=density).raise_for_status().json()
    return [int(step) for step in metric["iters"]]


async def test_both_ports_and_both_forms_of_the_address_are_served(product: Product) -> None:
    step = 0
    for port in (product.port, product.ingest_port):
        for slashes in ("/", "//"):
            async with connect(address(product, "run-1", port=port, slashes=slashes)) as socket:
                assert await ask(socket, point(step)) == OK
                await (await socket.ping())
            step += 1
    assert last_step(product, "run-1") == 3


@pytest.mark.parametrize(("run_id", "origin"), [("progress_1", None), ("x" * 129, None), ("r", "http://evil.example")])
async def test_what_may_not_connect_is_told_before_the_socket_opens(product: Product, run_id: str, origin: Any) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(product, run_id), origin=origin)
    assert refused.value.response.status_code == 403


async def test_frames_may_be_large_but_not_without_end(product: Product) -> None:
    async with connect(address(product, "large"), max_size=None, compression=None) as socket:
        assert await ask(socket, point(0, unknown="x" * (63 * _MEBIBYTE))) == OK
        with pytest.raises(ConnectionClosed) as closed:
            await ask(socket, point(1, unknown="x" * 70_000_000))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    async with connect(address(product, "large")) as socket:
        assert await ask(socket, point(2)) == OK, "the client comes back and goes on"
    assert steps(product, "large") == [0, 2]


async def test_only_a_client_that_stays_silent_for_too_long_is_left(stopped_product: Product) -> None:
    """Silent is who answers no pings; how long that may be, and how long a frame, are settings."""
    stopped_product.process.environment = {"TALLYBOOK_SILENCE_SECONDS": "2", "TALLYBOOK_MAX_FRAME_BYTES": "1000"}
    with running(stopped_product) as product:
        async with connect(address(product, "silent"), ping_interval=None) as socket:
            # The library answers pings as it reads them; a reader that stops reads none.
            socket.transport.pause_reading()
            await asyncio.sleep(1.5)
            socket.transport.resume_reading()
            assert await ask(socket, point(0)) == OK, "it may be silent for a while"
            await asyncio.sleep(3)
            assert await ask(socket, point(1)) == OK, "it may say nothing for as long as it wants"
            socket.transport.pause_reading()
            await asyncio.sleep(5)
            socket.transport.resume_reading()
            with pytest.raises(ConnectionClosed) as left:
                await ask(socket, point(2))
            assert left.value.rcvd is not None
            assert left.value.rcvd.code == 1011
        async with connect(address(product, "long")) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await ask(socket, point(3, unknown="x" * 1000))
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009


async def test_bad_messages_cost_themselves_alone(product: Product) -> None:
    wrong: list[Any] = [
        {"type": "log_nothing"},
        7,
        {"value": 1.0},
        {**point(1), "value": "x"},
        {"type": "blob_ref", "s3_key": "bad/../../x", "artifact_path": "../../x"},
    ]
    async with connect(address(product, "bad")) as socket:
        answer = await ask(socket, point(0), *wrong, point(1))
        assert answer["status"] == "error"
        assert "index 1-5 (" in answer["error"]
        assert "unknown type 'log_nothing'" in answer["error"]
        await socket.send('{"type": "log_metric", ')
        assert json.loads(await socket.recv())["status"] == "error"
        assert await ask(socket, point(2, future={"any": "thing"})) == OK
    assert steps(product, "bad") == [0, 1, 2]


async def test_frames_that_were_under_way_when_the_server_died_are_there_whole_or_not(product: Product) -> None:
    """Each frame has a point and a log record; its place in the connection is its number."""
    frames, heard = 400, 25
    async with connect(address(product, "died"), compression=None) as socket:
        for number in range(frames):
            await socket.send(json.dumps([point(number), {"type": "log_record", **record(number)}]))
        for _ in range(heard):
            assert json.loads(await socket.recv()) == OK
        product.process.kill()
        acknowledged = heard
        with suppress(ConnectionClosed):
            while True:
                assert json.loads(await socket.recv()) == OK
                acknowledged += 1
    product.process.start()
    async with connect(address(product, "died")) as socket:
        assert await ask(socket, point(frames)) == OK
    kept = steps(product, "died")
    assert kept == [*range(len(kept) - 1), frames], "in their order, without a gap"
    assert len(kept) > acknowledged
    answer = httpx.get(f"{product.url}/api/v1/rest/runs/died/log-records/", params={"record_range": ":"})
    (_, total), *records = items(answer.raise_for_status().content)
    assert [shown["message"] for _, shown in records] == [str(number) for number in range(len(kept) - 1)]
    assert total == len(records)


async def test_a_server_that_stops_says_so_and_has_what_it_acknowledged(product: Product) -> None:
    async with connect(address(product, "run-1")) as socket:
        for step in range(20):
            assert await ask(socket, point(step)) == OK
        await asyncio.to_thread(product.process.stop)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    product.process.start()
    assert last_step(product, "run-1") == 19


async def test_a_client_that_reads_late_gets_every_answer(product: Product) -> None:
    frames = 1_000
    async with connect(address(product, "late"), max_queue=1, compression=None) as socket:

        async def send() -> None:
            for step in range(frames):
                await socket.send(json.dumps([point(step, unknown="x" * 20_000)]))

        sending = asyncio.create_task(send())
        await asyncio.sleep(0.5)
        assert [json.loads(await socket.recv()) for _ in range(frames)] == [OK] * frames
        await sending
    assert last_step(product, "late") == frames - 1


async def test_hundreds_of_connections_are_served_in_bounded_memory(product: Product) -> None:
    """All are open before the first one writes."""
    count, memory = 500, psutil.Process(product.process.pid)
    before = memory.memory_info().rss
    opening, all_open = asyncio.Semaphore(50), asyncio.Barrier(count)

    async def client(number: int) -> bool:
        async with opening:
            socket = await connect(address(product, f"run-{number}"), compression=None, open_timeout=60)
        await all_open.wait()
        try:
            answers = [await ask(socket, *(point(10 * frame + step) for step in range(10))) for frame in range(5)]
        finally:
            await socket.close()
        return answers == [OK] * 5

    assert all(await asyncio.gather(*(client(number) for number in range(count))))
    assert memory.memory_info().rss - before < 300 * _MEBIBYTE
    for number in (0, count - 1):
        assert last_step(product, f"run-{number}") == 49
