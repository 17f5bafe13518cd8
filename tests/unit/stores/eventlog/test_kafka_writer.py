"""How the writer answers deliveries and failures, on librdkafka's mock cluster and on a producer that fails at will."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.position import Position
from contracts.topics import CATALOG, RUNS
from stores.errors import LogFull, StoreUnavailable
from stores.eventlog.kafka import KafkaEventLogWriter, producer_settings
from stores.eventlog.port import NewRecord

MOCK_PARTITIONS = 4  # what the mock cluster gives every topic
GENERATION = 3


@pytest.fixture(scope="module")
def mock_bootstrap() -> Iterator[str]:
    """A mock cluster; it lives as long as the producer that keeps it."""
    keeper = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1})
    broker = next(iter(keeper.list_topics(timeout=10).brokers.values()))
    yield f"{broker.host}:{broker.port}"
    del keeper


@pytest.fixture
async def writer(mock_bootstrap: str) -> AsyncIterator[KafkaEventLogWriter]:
    opened = await KafkaEventLogWriter.open(mock_bootstrap, GENERATION)
    yield opened
    await opened.close()


def in_runs(partition: int, value: bytes = b"x") -> NewRecord:
    return NewRecord(RUNS, partition, "a run", value)


async def test_positions_come_from_the_deliveries(writer: KafkaEventLogWriter) -> None:
    first = await writer.append([in_runs(1), in_runs(2), in_runs(1)])
    base = {p: min(q.offset for q in first if q.partition == p) for p in (1, 2)}
    assert first == [
        Position(GENERATION, RUNS, 1, base[1]),
        Position(GENERATION, RUNS, 2, base[2]),
        Position(GENERATION, RUNS, 1, base[1] + 1),
    ]
    assert await writer.append([in_runs(1)]) == [Position(GENERATION, RUNS, 1, base[1] + 2)]


async def test_a_partition_that_the_broker_lacks_makes_the_append_unavailable(writer: KafkaEventLogWriter) -> None:
    await writer.append([in_runs(0)])
    with pytest.raises(StoreUnavailable, match="UNKNOWN_PARTITION"):
        await writer.append([in_runs(0), in_runs(MOCK_PARTITIONS), in_runs(1)])
    assert len(await writer.append([in_runs(0)])) == 1


async def test_an_append_that_no_broker_takes_is_unavailable_after_its_time() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # without listen: connections are refused
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        writer = await KafkaEventLogWriter.open(address, 1, delivery_timeout_seconds=1.0)
        with pytest.raises(StoreUnavailable, match="TIMED_OUT"):
            await writer.append([in_runs(0), in_runs(1)])
        await writer.close()


def test_security_settings_reach_the_client_and_weaken_nothing() -> None:
    settings = producer_settings("host:1", {"security.protocol": "SSL", "acks": "0", "enable.idempotence": "false"}, 10)
    assert settings["security.protocol"] == "SSL"
    assert (settings["acks"], settings["enable.idempotence"]) == ("all", True)


class WillingProducer:
    """Takes or fails records as `script` says for each: None = delivered at the next poll, else the error.

    An error that is raised comes from `produce`, one that is returned from the delivery.
    """

    def __init__(self, script: Callable[[int], KafkaError | None]) -> None:
        self._script = script
        self._calls = 0
        self._ready: list[tuple[Any, KafkaError | None, Message]] = []
        self._some = threading.Condition()
        self.polls = 0

    def produce(self, topic: str, value: bytes, key: str, partition: int, *, on_delivery: Any) -> None:
        number, self._calls = self._calls, self._calls + 1
        error = self._script(number)
        offset = -1001 if value == b"repeat" else number
        with self._some:
            self._ready.append((on_delivery, error, Message(topic=topic, partition=partition, offset=offset)))
            self._some.notify()

    def poll(self, timeout: float) -> int:
        with self._some:
            self._some.wait_for(lambda: self._ready, timeout)
            ready, self._ready = self._ready, []
        for on_delivery, error, message in ready:
            on_delivery(error, message)
        return len(ready)

    def flush(self) -> int:
        self.poll(0)
        return 0


def fake_writer(*producers: WillingProducer, max_queued_bytes: int = 1 << 20) -> KafkaEventLogWriter:
    """Uses the first producer, and the next each time it makes a new one."""
    supply = iter(producers)
    return KafkaEventLogWriter(lambda: cast("Producer", next(supply)), 1, max_queued_bytes)


def raise_at(number: int, error: BaseException) -> Callable[[int], None]:
    def script(call: int) -> None:
        if call == number:
            raise error

    return script


FATAL = KafkaError(KafkaError._FATAL, "out of order", fatal=True)


@pytest.mark.parametrize("position_of_failure", [0, 1, 2])
async def test_one_failed_record_fails_its_call_alone(position_of_failure: int) -> None:
    failure = KafkaError(KafkaError.NOT_ENOUGH_REPLICAS, "too few")
    writer = fake_writer(WillingProducer(lambda call: failure if call == position_of_failure else None))
    answers = await asyncio.gather(
        writer.append([in_runs(0), in_runs(1), in_runs(2)]), writer.append([in_runs(3)]), return_exceptions=True
    )
    assert isinstance(answers[0], StoreUnavailable)
    assert "NOT_ENOUGH_REPLICAS" in answers[0].message
    assert answers[1] == [Position(1, RUNS, 3, 3)]
    await writer.close()


@pytest.mark.parametrize(
    ("raised", "answer"),
    [
        (BufferError("full"), LogFull),
        (KafkaException(KafkaError(KafkaError._QUEUE_FULL, "full")), StoreUnavailable),
        (KafkaException("a text alone"), StoreUnavailable),
    ],
)
@pytest.mark.parametrize("position_of_failure", [0, 1])
async def test_a_record_that_cannot_be_queued_fails_its_call(
    raised: BaseException, answer: type[Exception], position_of_failure: int
) -> None:
    writer = fake_writer(WillingProducer(raise_at(position_of_failure, raised)))
    with pytest.raises(answer):
        await writer.append([in_runs(0), in_runs(1)])
    assert len(await writer.append([in_runs(0)])) == 1
    await writer.close()


async def test_a_delivery_without_an_offset_is_no_success() -> None:
    writer = fake_writer(WillingProducer(lambda _: None))
    with pytest.raises(StoreUnavailable, match="where"):
        await writer.append([in_runs(0, b"repeat")])
    await writer.close()


@pytest.mark.parametrize("script", [lambda _: FATAL, raise_at(0, KafkaException(FATAL))], ids=["delivered", "raised"])
async def test_after_a_fatal_error_a_new_producer_takes_over(script: Callable[[int], KafkaError | None]) -> None:
    writer = fake_writer(WillingProducer(script), WillingProducer(lambda _: None))
    with pytest.raises(StoreUnavailable):
        await writer.append([in_runs(0)])
    assert await writer.append([in_runs(0), in_runs(1)]) == [Position(1, RUNS, 0, 0), Position(1, RUNS, 1, 1)]
    await writer.close()


async def test_room_in_the_queue_comes_back_after_success_and_failure() -> None:
    failure = KafkaError(KafkaError._MSG_TIMED_OUT)
    writer = fake_writer(WillingProducer(lambda call: failure if call % 2 else None), max_queued_bytes=1_000)
    for call in range(20):
        answer = await asyncio.gather(writer.append([NewRecord(CATALOG, 0, "k", b"x" * 700)]), return_exceptions=True)
        assert isinstance(answer[0], StoreUnavailable) == bool(call % 2)
    await writer.close()
