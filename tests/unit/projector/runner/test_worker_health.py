import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from projector.metrics import ProjectorMetrics
from projector.runner.health import ConsumerHealth, cause_of_death
from projector.runner.health_server import HealthServer
from stores.errors import StoreUnavailable


def health(*, started: bool = True, crashed: bool = False, busy: bool = False, age: float = 0.0) -> ConsumerHealth:
    return ConsumerHealth(started=started, crashed=crashed, busy=busy, poll_age_seconds=age)


@pytest.mark.parametrize(
    ("state", "dead"),
    [
        (health(), False),
        (health(age=59.0), False),
        (health(age=61.0), True),
        (health(age=61.0, busy=True), False),
        (health(crashed=True), True),
        (health(crashed=True, busy=True), True),
        (health(started=False, age=1e9), False),
    ],
)
def test_a_consumer_is_dead_if_it_crashed_or_is_silent_without_a_reason(state: ConsumerHealth, dead: bool) -> None:
    assert (cause_of_death(state, 60.0) is not None) is dead


class Readiness:
    def __init__(self) -> None:
        self.error: Exception | None = None

    async def __call__(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
async def server(readiness: Readiness) -> AsyncIterator[HealthServer]:
    registry = CollectorRegistry()
    ProjectorMetrics(registry)
    opened = await HealthServer.open("127.0.0.1", 0, readiness, registry)
    yield opened
    await opened.close()


async def ask(server: HealthServer, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


async def test_it_says_that_it_lives_and_why_it_is_not_ready(server: HealthServer, readiness: Readiness) -> None:
    assert (await ask(server, b"GET /health/live/ HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 200 OK")
    assert (await ask(server, b"GET /health/ready HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 200 OK")
    readiness.error = StoreUnavailable("no documents today")
    answer = await ask(server, b"GET /health/ready HTTP/1.1\r\n\r\n")
    assert answer.startswith("HTTP/1.1 503")
    assert "no documents today" in answer


async def test_metrics_are_prometheus_text(server: HealthServer) -> None:
    assert "# TYPE tallybook_projector_lag_records gauge" in await ask(server, b"GET /metrics HTTP/1.1\r\n\r\n")


async def test_everything_else_is_refused(server: HealthServer) -> None:
    assert (await ask(server, b"GET /etc/passwd HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 404")
    assert (await ask(server, b"POST /metrics HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 405")
    assert (await ask(server, b"nonsense\r\n\r\n")).startswith("HTTP/1.1 405")


@pytest.mark.parametrize("request_bytes", [b"", b"GET /metrics", b"GET /" + b"x" * 100_000])
async def test_what_is_no_request_gets_no_answer_and_harms_nothing(server: HealthServer, request_bytes: bytes) -> None:
    assert await ask(server, request_bytes) == ""
    assert (await ask(server, b"GET /health/live HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 200")
