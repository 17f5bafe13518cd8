"""A thousand hostile searches at once: each is refused or finds nothing, and whoever reads meanwhile is served."""

import asyncio
import logging
import threading
from collections import Counter

import httpx
import psutil
from tests.e2e.product import Product, settle

log = logging.getLogger(__name__)

RUNS = 40
HOSTILE = (
    "[x for x in range(999) for y in range(999) for z in range(999)]",
    "any(x * y < 0 for x in range(300) for y in range(300))",
    "9 ** 9 ** 9",
    "'a' * 10 ** 12",
    "sorted([[1] * 1000] * 900)",
    "(lambda f: f(f))(lambda f: f(f))",
    "sum([[1] * 1000] * 1000, [])",
    "run.__class__.__mro__",
    "[[[[[[run]]]]]] * 10 ** 9",
    "('a' * 400000).rfind('b' + 'a' * 200000)",
)
AT_ONCE = 1_000
READS = 60
MOST_GROWTH_BYTES = 256 << 20
SEARCH = "/api/v1/rest/runs/search/run"


async def _fill(product: Product, client: httpx.AsyncClient) -> None:
    for number in range(RUNS):
        messages = [{"type": "create_run"}, {"type": "log_hparams", "value": {"lr": number}}]
        (await client.post(f"/api/v1/ingest/runs/run-{number}", json=messages)).raise_for_status()
    for number in range(RUNS):
        await asyncio.to_thread(settle, product, f"run-{number}")


async def _hostile(client: httpx.AsyncClient, number: int) -> int:
    # No two texts are the same: nothing is answered from memory.
    query = {"q": f"({HOSTILE[number % len(HOSTILE)]}) and run.lr == {number}", "report_progress": "false"}
    answer = await client.get(SEARCH, params=query)
    assert answer.content == b"" if answer.status_code == 200 else answer.json()["message"]
    return answer.status_code


async def _infos(client: httpx.AsyncClient, others: "asyncio.Future[list[int]]") -> int:
    """Reads of single runs; how many were answered while the others were not all done."""
    during = 0
    for number in range(READS):
        answer = await client.get(f"/api/v1/rest/runs/run-{number % RUNS}/info")
        assert answer.json()["params"] == {"lr": number % RUNS}
        during += not others.done()
    return during


async def _searches(client: httpx.AsyncClient, others: "asyncio.Future[list[int]]") -> int:
    """Searches of one run each; how many were answered while the others were not all done."""
    during = 0
    for number in range(RUNS):
        found = await client.get(SEARCH, params={"q": f"run.lr == {number}", "report_progress": "false"})
        assert found.status_code == 200
        assert f"run-{number}".encode() in found.content
        during += not others.done()
    return during


class _Highest:
    """The most memory that a process had."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.bytes = 0

    def __enter__(self) -> "_Highest":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self.bytes = max(self.bytes, int(self._process.memory_info().rss))


async def test_a_thousand_hostile_searches_keep_nobody_from_reading(product: Product) -> None:
    # Each request has a connection of its own: a server may close one that was idle just when it is used again.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=product.url, timeout=280, limits=limits) as client:
        await _fill(product, client)
        process = psutil.Process(product.process.pid)
        before = process.memory_info().rss
        with _Highest(process) as highest:
            hostile = asyncio.gather(*(_hostile(client, number) for number in range(AT_ONCE)))
            async with httpx.AsyncClient(base_url=product.url, timeout=280, limits=limits) as another:
                infos, searches = await asyncio.gather(_infos(another, hostile), _searches(another, hostile))
            statuses = Counter(await hostile)
        assert statuses.total() == AT_ONCE
        assert statuses.keys() <= {200, 400}
        assert statuses[400] >= AT_ONCE // 2
        # A search waits for the first turns of the thousand, which are short, and not until they are answered.
        assert min(infos, searches) > 0
        grown = highest.bytes - before
        log.info(
            "meanwhile %d of %d reads and %d of %d searches; %s; memory grew by %.1f MiB",
            infos, READS, searches, RUNS, dict(statuses), grown / 2**20,
        )  # fmt: skip
        assert grown < MOST_GROWTH_BYTES
        assert (await client.get("/health/ready")).status_code == 200
