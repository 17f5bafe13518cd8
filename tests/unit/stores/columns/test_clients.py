import asyncio
import threading

import numpy as np
import pytest

from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import PointRows
from stores.errors import StoreUnavailable

NUMBER, KEY, STEP = np.ones(1), np.ones(1, np.uint64), np.ones(1, np.int64)
ROWS = PointRows(["loss"], KEY, KEY, STEP, NUMBER, NUMBER, NUMBER, STEP)


class Client:
    """Takes inserts; a question takes until it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.inserted: list[str] = []
        self.closed = False

    def command(self, statement: str) -> int:
        self.asked.release()
        if not self.let_go.wait(10):
            raise AssertionError("nobody let it go")
        return 1

    def raw_insert(self, table: str, *_: object, **__: object) -> None:
        self.inserted.append(table)

    def close(self) -> None:
        self.closed = True


async def test_writing_does_not_wait_for_reads() -> None:
    client, writer = Client(), Client()
    columns = ClickHouseColumns([client], [writer])
    reads = [asyncio.create_task(columns.count_rows("points_v1")) for _ in range(3)]
    await asyncio.to_thread(client.asked.acquire)
    async with asyncio.timeout(5):
        await columns.insert_points("points_v1", ROWS)
    assert writer.inserted == ["points_v1"]
    assert not any(read.done() for read in reads)
    client.let_go.set()
    assert await asyncio.gather(*reads) == [1, 1, 1]
    await columns.close()


async def test_what_runs_is_awaited_and_nothing_is_taken_afterwards() -> None:
    client, writer = Client(), Client()
    columns = ClickHouseColumns([client], [writer])
    read = asyncio.create_task(columns.count_rows("points_v1"))
    await asyncio.to_thread(client.asked.acquire)
    closing = asyncio.create_task(columns.close())
    await asyncio.sleep(0)
    client.let_go.set()
    await closing
    assert await read == 1
    assert client.closed
    assert writer.closed
    await columns.close()
    for refused in (columns.count_rows("points_v1"), columns.insert_points("points_v1", ROWS)):
        with pytest.raises(StoreUnavailable):
            await refused
