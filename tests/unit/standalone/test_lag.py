import asyncio

from prometheus_client import CollectorRegistry
from tests.fakes import FakeColumns, FakeDocuments, FakeEventLog, Faults
from tests.replay.random_log import random_records

from projector.bootstrap import InProcessProjector, ProjectorMetrics, in_process
from standalone.bootstrap import watch_lag
from stores.errors import StoreUnavailable

LAG = "tallybook_projector_lag_records"


async def behind(records: int, faults: Faults) -> InProcessProjector:
    """A projector that is so many records behind, and does not work."""
    log = FakeEventLog(faults=faults)
    await log.append(random_records(1, records))
    return await in_process(log, log, FakeDocuments(), FakeColumns())


async def test_the_lag_is_told_again_after_the_log_was_away() -> None:
    registry, faults = CollectorRegistry(), Faults()
    projector = await behind(30, faults)
    faults.fail_next(lambda: StoreUnavailable("the disk is away"), times=2)
    watching = asyncio.create_task(watch_lag(projector, ProjectorMetrics(registry), seconds=0.0))
    async with asyncio.timeout(10):
        while registry.get_sample_value(LAG) != 30 and not watching.done():
            await asyncio.sleep(0)
    assert not watching.done()
    watching.cancel()
