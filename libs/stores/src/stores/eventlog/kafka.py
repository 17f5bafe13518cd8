"""The log of the cluster: the writer, one Kafka producer; the reader comes from `kafka_reader`."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.errors import TallybookError
from contracts.position import Position
from stores.errors import LogFull, StoreUnavailable
from stores.eventlog.admission import QueueBudget, checked_size
from stores.eventlog.kafka_errors import client_log, error_of, unavailable
from stores.eventlog.kafka_reader import KafkaEventLogReader
from stores.eventlog.port import NewRecord

__all__ = ["KafkaEventLogReader", "KafkaEventLogWriter", "producer_settings"]

_POLL_SECONDS = 0.2  # how long the thread sleeps at most when nothing is delivered; a delivery wakes it
_DELIVERY_SECONDS = 15.0
_CLOSED = "the log is closed"


def producer_settings(bootstrap: str, security: Mapping[str, str], delivery_seconds: float) -> dict[str, Any]:
    """What the log needs of a producer; `security` cannot change it."""
    return {
        "linger.ms": 0.5,
        **security,
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "zstd",
        "message.max.bytes": 1 << 20,
        "delivery.timeout.ms": int(delivery_seconds * 1000),
        # Shorter than the delivery's limit, so that one hanging broker leaves time for another try.
        "request.timeout.ms": max(1, int(delivery_seconds * 300)),
        # Our own budget bounds the queue, before the first record of a call is produced.
        "queue.buffering.max.messages": 0,
        "queue.buffering.max.kbytes": 2_097_151,
        "log.connection.close": False,
    }


class _Burst:
    """The records of one call of `append`, and which of them are answered."""

    def __init__(self, count: int, size: int, answer: asyncio.Future[list[Position]]) -> None:
        self.size = size
        self.answer = answer
        self.places: list[tuple[str, int, int] | None] = [None] * count
        self.left = count
        self.failure: TallybookError | None = None


class KafkaEventLogWriter:
    """One idempotent producer and one thread that polls it.

    Deliveries gather in a list, and the loop is woken once for all that came at the same time: one future for each
    call, not for each record. If the producer is past help (a fatal error) the next append starts a new one.
    """

    def __init__(self, make_producer: Callable[[], Producer], generation: int, max_queued_bytes: int) -> None:
        """Use `open`; needs a running loop."""
        self._loop = asyncio.get_running_loop()
        self._make_producer = make_producer
        self._generation = generation
        self._budget = QueueBudget(max_queued_bytes)
        self._closing: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._finished: list[_Burst] = []  # guarded by _lock; not empty = a wake-up is on its way
        self._line = _Line(make_producer())
        self._old_lines: list[_Line] = []

    @classmethod
    async def open(
        cls,
        bootstrap: str,
        generation: int,
        security: Mapping[str, str] | None = None,
        *,
        max_queued_bytes: int = 64 << 20,
        delivery_timeout_seconds: float = _DELIVERY_SECONDS,
    ) -> Self:
        """`security` holds the client's own names, such as `security.protocol` and `sasl.username`.

        Does not wait for a broker: an append fails with StoreUnavailable when none takes it in time.
        """
        settings = producer_settings(bootstrap, security or {}, delivery_timeout_seconds)
        return cls(lambda: Producer(settings, logger=client_log), generation, max_queued_bytes)

    @property
    def generation(self) -> int:
        return self._generation

    async def append(self, records: Sequence[NewRecord]) -> list[Position]:
        """See the port. A broker that took a repeat without telling its offset is answered with StoreUnavailable."""
        size = checked_size(records)
        if self._closing is not None:
            raise StoreUnavailable(_CLOSED)
        if not records:
            return []
        self._budget.take(size)
        burst = _Burst(len(records), size, self._loop.create_future())
        if self._line.is_broken:
            self._replace_line()
        self._produce(burst, records)
        return await burst.answer

    async def close(self) -> None:
        if self._closing is None:
            self._closing = self._loop.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        for line in [*self._old_lines, self._line]:
            await asyncio.to_thread(line.finish)

    def _replace_line(self) -> None:
        self._line.stop()
        self._old_lines = [line for line in self._old_lines if line.is_alive] + [self._line]
        self._line = _Line(self._make_producer())

    def _produce(self, burst: _Burst, records: Sequence[NewRecord]) -> None:
        line = self._line
        for index, record in enumerate(records):
            try:
                line.producer.produce(
                    record.topic,
                    record.value,
                    record.key,
                    record.partition,
                    on_delivery=partial(self._delivered, line, burst, index),
                )
            except BufferError:
                self._not_produced(burst, len(records) - index, LogFull("the producer's queue is full"))
                return
            except KafkaException as exception:
                error = error_of(exception)
                line.is_broken = line.is_broken or error.fatal()
                self._not_produced(burst, len(records) - index, unavailable(error))
                return

    def _not_produced(self, burst: _Burst, count: int, failure: TallybookError) -> None:
        """The call fails, once those of its records that were produced before are answered."""
        with self._lock:
            burst.failure = burst.failure or failure
            burst.left -= count
            if burst.left == 0:
                self._finish(burst)

    def _delivered(self, line: "_Line", burst: _Burst, index: int, error: KafkaError | None, message: Message) -> None:
        """In the thread that polls."""
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        with self._lock:
            if error is not None:
                line.is_broken = line.is_broken or error.fatal()
                burst.failure = burst.failure or unavailable(error)
            elif topic is None or partition is None or offset is None or offset < 0:
                burst.failure = burst.failure or StoreUnavailable("Kafka took a record and did not say where")
            else:
                burst.places[index] = (topic, partition, offset)
            burst.left -= 1
            if burst.left == 0:
                self._finish(burst)

    def _finish(self, burst: _Burst) -> None:
        """Needs the lock. One wake-up of the loop for all bursts that finish before it comes."""
        self._finished.append(burst)
        if len(self._finished) == 1:
            try:
                self._loop.call_soon_threadsafe(self._settle)
            except RuntimeError:
                # The loop was closed without closing the log; those who waited are gone with it.
                self._finished.clear()

    def _settle(self) -> None:
        """On the loop. A caller that was cancelled has its records in the log all the same."""
        with self._lock:
            finished, self._finished = self._finished, []
        for burst in finished:
            self._budget.release(burst.size)
            if burst.answer.done():
                continue
            if burst.failure is not None:
                burst.answer.set_exception(burst.failure)
            else:
                places = [place for place in burst.places if place is not None]
                burst.answer.set_result([Position(self._generation, *place) for place in places])


class _Line:
    """A producer and the thread that serves its deliveries."""

    def __init__(self, producer: Producer) -> None:
        self.producer = producer
        self.is_broken = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="event-log-deliveries", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Deliver or fail what is queued, then end; does not wait."""
        self._stopping.set()

    def finish(self) -> None:
        """Stop and wait; the delivery's time limit bounds it."""
        self.stop()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self.producer.poll(_POLL_SECONDS)
        self.producer.flush()
