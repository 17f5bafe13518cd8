"""The projector of the cluster: a Faust worker that acknowledges nothing before the views hold it.

Faust acknowledges what its `take` hands out even if the handler raised or was cancelled. So this worker batches the
stream itself, without acknowledgements, writes, and acknowledges one event after the other afterwards. No exception
leaves the agent: Faust would start it again behind the events that it lost. Whatever Faust commits, the checkpoints
decide what is applied.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import faust
import msgspec
import structlog
from faust.transport.consumer import CONSUMER_FETCHING

from contracts.errors import LogMismatch, Unavailable
from contracts.position import Position
from contracts.topics import CATALOG, RUNS
from projector.errors import ConsumerDied
from projector.runner.batch import Projection
from projector.runner.consumer_thread import ConsumerThread
from projector.runner.event_buffer import EventBuffer
from projector.runner.health import ConsumerHealth, cause_of_death
from stores.eventlog.kafka_reader import text_of
from stores.eventlog.port import Record

_LOOK_SECONDS = 1.0
_HANDOVER_SECONDS = 5.0
_LEAVE_SECONDS = 3.0
_log = structlog.get_logger(__name__)


class FaustSettings(msgspec.Struct, frozen=True, kw_only=True):
    """group: consumer group, and Faust's id. poll_limit_seconds: silence after which the consumer is taken for dead.

    stop_seconds: how long a batch may go on after `stop`. batch_records, batch_bytes: what waits for one batch at most.
    session_seconds: after a worker was killed its partitions wait so long for another one. live_seconds: how
    often it is asked whether the version that is written is still the live one.
    """

    bootstrap: str
    group: str
    generation: int
    batch_records: int = 2_000
    batch_bytes: int = 4 << 20
    poll_limit_seconds: float = 60.0
    stop_seconds: float = 5.0
    session_seconds: float = 10.0
    heartbeat_seconds: float = 3.0
    live_seconds: float = 5.0


class FaustWorker:
    """One member of the group, for both topics. `run` is the whole life; a new one needs a new object."""

    def __init__(self, settings: FaustSettings, projection: Projection, credentials: Any = None) -> None:
        """`credentials`: Faust's, None for a broker that asks for none."""
        self._settings = settings
        self._projection = projection
        self._credentials = credentials
        self._buffer = EventBuffer(settings.batch_records, settings.batch_bytes, _size_of)
        self._writing: asyncio.Task[Any] | None = None
        self._settled = asyncio.Event()
        self._settled.set()
        self._assignments = 0
        self._ended = asyncio.Event()
        self._failure: BaseException | None = None
        self._app: Any = None
        self._started_at = 0.0

    @property
    def failed(self) -> BaseException | None:
        return self._failure

    @property
    def trouble(self) -> str | None:
        """Why the views do not follow the log now: a store is away, and is tried again."""
        return self._projection.trouble

    def health(self) -> ConsumerHealth:
        """As of now; cheap."""
        app = self._app
        if app is None:
            return ConsumerHealth(started=False, crashed=False, busy=False, poll_age_seconds=0.0)
        polled_at = app.consumer.diag.last_transition.get(CONSUMER_FETCHING, self._started_at)
        return ConsumerHealth(
            started=True,
            crashed=bool(app.crashed or app.consumer.crashed),
            # A full buffer holds the consumer up, and so does a rebalance: its silence means nothing then.
            busy=self._buffer.is_full or self._writing is not None or bool(app.rebalancing),
            poll_age_seconds=time.monotonic() - polled_at,
        )

    async def run(self) -> None:
        """Work until `stop`. Raises whatever ended the worker otherwise; the process should end with it."""
        with tempfile.TemporaryDirectory(prefix="tallybook-projector-") as folder:
            app = self._make_app(folder)
            app.finalize()
            self._started_at = time.monotonic()
            await app.start()
            self._app = app
            staying = asyncio.create_task(self._stay_live())
            try:
                await self._watch()
                await self._finish_batch()
            finally:
                staying.cancel()
                await asyncio.gather(staying, return_exceptions=True)
                await self._leave(app)
        if self._failure is not None:
            raise self._failure

    async def stop(self) -> None:
        """Make `run` return; a batch that is being written may end first. Does not wait."""
        self._ended.set()

    def _make_app(self, folder: str) -> Any:
        settings = self._settings
        app = faust.App(
            settings.group,
            broker=[f"kafka://{address}" for address in settings.bootstrap.split(",")],
            broker_credentials=self._credentials,
            store="memory://",
            datadir=folder,
            autodiscover=False,
            web_enabled=False,
            key_serializer="raw",
            value_serializer="raw",
            topic_disable_leader=True,
            topic_allow_declare=False,
            consumer_auto_offset_reset="earliest",
            processing_guarantee="at_least_once",
            broker_session_timeout=settings.session_seconds,
            broker_heartbeat_interval=settings.heartbeat_seconds,
            broker_commit_interval=1.0,
            broker_max_poll_records=5_000,
            consumer_max_fetch_size=8 << 20,
            stream_buffer_maxsize=16_384,
            stream_wait_empty=False,
        )
        topic = app.topic(RUNS, CATALOG, key_type=bytes, value_type=bytes)

        async def project(stream: Any) -> None:
            await self._follow(stream)

        async def on_partitions(*_sender: Any, **_partitions: Any) -> None:
            await self._hand_over()

        consumer: Any = app.consumer
        consumer._thread.Worker = ConsumerThread
        app.agent(topic, name="project")(project)
        app.on_partitions_revoked.connect(on_partitions)
        app.on_partitions_assigned.connect(on_partitions)
        return app

    async def _follow(self, stream: Any) -> None:
        filling = asyncio.create_task(self._buffer.fill(stream.noack().events()))
        taking: asyncio.Task[tuple[int, list[Any]]] | None = None
        try:
            while not self._ended.is_set():
                taking = asyncio.create_task(self._take())
                await asyncio.wait({filling, taking}, return_when=asyncio.FIRST_COMPLETED)
                if filling.done() and not self._ended.is_set():
                    raise ConsumerDied("the stream of events ended") from filling.exception()
                if taking.done():
                    await self._write(stream, *taking.result())
        except Exception as error:  # noqa: BLE001 - nothing may leave the agent, Faust would start it again
            self._fail(error)
        finally:
            for task in (filling, taking):
                if task is not None:
                    task.cancel()
            await asyncio.gather(*(task for task in (filling, taking) if task), return_exceptions=True)
        # An agent that returns is taken for a crashed one; this one ends when the application stops it.
        await asyncio.Event().wait()

    async def _take(self) -> tuple[int, list[Any]]:
        """Events, and the assignment that they came by: it may be over before they are written."""
        events = await self._buffer.take()
        return self._assignments, events

    async def _write(self, stream: Any, assignments: int, events: Sequence[Any]) -> None:
        """Apply, then acknowledge. Nothing is acknowledged of a batch that another member has to do again."""
        if assignments != self._assignments:
            return
        records = [self._record(event) for event in events]
        self._settled.clear()
        self._writing = writing = asyncio.create_task(self._projection.apply(records))
        try:
            await asyncio.wait({writing})
            if not writing.cancelled():
                writing.result()
            if assignments == self._assignments:
                for event in events:
                    await stream.ack(event)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self._writing = None
            self._settled.set()

    async def _hand_over(self) -> None:
        """Before partitions go and after they came: what is in memory of any partition may be out of date."""
        self._assignments += 1
        self._buffer.clear()
        writing = self._writing
        if writing is not None:
            await asyncio.wait({writing}, timeout=_HANDOVER_SECONDS)
            writing.cancel()
        await self._projection.forget()

    async def _watch(self) -> None:
        while not self._ended.is_set():
            cause = cause_of_death(self.health(), self._settings.poll_limit_seconds)
            if cause is not None:
                self._fail(ConsumerDied(cause))
                return
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                continue

    async def _stay_live(self) -> None:
        """End the worker when another version became live.

        Whoever switches sees the members of the group, and so not a worker that is just starting; that one would write
        the old version for ever, and nobody would read it.
        """
        while not self._ended.is_set():
            await asyncio.sleep(self._settings.live_seconds)
            try:
                await self._projection.require_live()
            except Unavailable as error:
                _log.warning("whether the views are still live cannot be asked now", error=str(error))
            except Exception as error:  # noqa: BLE001 - nobody waits for this task
                self._fail(error)

    async def _finish_batch(self) -> None:
        """Let the running batch be written and acknowledged; Faust commits that when it stops."""
        try:
            async with asyncio.timeout(self._settings.stop_seconds):
                await self._settled.wait()
        except TimeoutError:
            _log.warning("a batch was cut off; it is delivered again")

    async def _leave(self, app: Any) -> None:
        """Commit and leave the group; a broker that is away would hold Faust up without end."""
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await app.stop()
        except TimeoutError:
            _log.warning("the broker did not answer; the group misses this member when its session ends")

    def _fail(self, error: BaseException) -> None:
        _log.error("the worker stops", exc_info=error)
        self._failure = self._failure or error
        self._ended.set()

    def _record(self, event: Any) -> Record:
        message = event.message
        if message.key is None or message.value is None:
            raise LogMismatch(
                f"{message.topic}[{message.partition}] holds a record at {message.offset} that is none of ours"
            )
        position = Position(self._settings.generation, message.topic, message.partition, message.offset)
        return Record(position, text_of(bytes(message.key)), bytes(message.value))


def _size_of(event: Any) -> int:
    return len(event.message.value or b"")
