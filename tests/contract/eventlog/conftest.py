"""One log per adapter. The Kafka broker serves the whole session: tests count from the end they find, never from 0."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from stores.eventlog.port import EventLogReader, EventLogWriter
from stores.eventlog.sqlite import SqliteEventLog

GENERATION = 1


class Log(NamedTuple):
    writer: EventLogWriter
    reader: EventLogReader

    async def close(self) -> None:
        await self.writer.close()
        await self.reader.close()


class OpenLog(Protocol):
    """Opens the same log each time it is called; the fixture closes what is still open."""

    async def __call__(self, max_queued_bytes: int = 64 << 20) -> Log: ...


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
async def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenLog]:
    if request.param == "sqlite":
        opener = _sqlite(tmp_path / "log.sqlite")
    else:
        opener = await _kafka(request.getfixturevalue("kafka_server").bootstrap)
    async with AsyncExitStack() as opened:

        async def open_one(max_queued_bytes: int = 64 << 20) -> Log:
            log = await opener(max_queued_bytes)
            opened.push_async_callback(log.close)
            return log

        yield open_one


@pytest.fixture
async def log(open_log: OpenLog) -> Log:
    return await open_log()


def _sqlite(path: Path) -> Callable[[int], Awaitable[Log]]:
    async def open_one(max_queued_bytes: int) -> Log:
        both = await SqliteEventLog.open(path, max_queued_bytes=max_queued_bytes)
        return Log(both, both)

    return open_one


async def _kafka(bootstrap: str) -> Callable[[int], Awaitable[Log]]:
    from stores.eventlog.kafka import KafkaEventLogReader, KafkaEventLogWriter
    from stores.eventlog.kafka_topics import create_topics

    await create_topics(bootstrap, replication=1, min_insync=1)

    async def open_one(max_queued_bytes: int) -> Log:
        return Log(
            await KafkaEventLogWriter.open(bootstrap, GENERATION, max_queued_bytes=max_queued_bytes),
            await KafkaEventLogReader.open(bootstrap, GENERATION),
        )

    return open_one
