import pytest
from prometheus_client import CollectorRegistry
from tests.fakes import FakeDocuments, Faults

from command_api.adapters.outcomes import PolledOutcomes
from command_api.metrics import CommandMetrics
from contracts import tables
from contracts.read_models import HistoryEntry, to_document
from contracts.tables import ViewNames
from stores.documents.port import Put
from stores.errors import StoreUnavailable
from stores.views import ensure_view, set_live_view

V1 = ViewNames(1)


def entry(event_id: str) -> HistoryEntry:
    return HistoryEntry(
        id=event_id,
        version=1,
        topic="t",
        partition=0,
        offset=0,
        key="k",
        type="RunRenamed",
        recorded_at=0.0,
        actor=None,
        request_id=None,
        outcome="applied",
        reason=None,
        code=None,
    )


class Projector:
    """Writes one more entry each time somebody waits for it."""

    def __init__(self, documents: FakeDocuments, event_ids: list[str]) -> None:
        self._documents = documents
        self._event_ids = event_ids
        self.pauses: list[float] = []

    async def progressed(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self._event_ids:
            await show(self._documents, self._event_ids.pop(0))


async def show(documents: FakeDocuments, event_id: str) -> None:
    await documents.commit([Put(V1.collection(tables.HISTORY), to_document(entry(event_id)))])


async def prepared(faults: Faults | None = None) -> FakeDocuments:
    documents = FakeDocuments(faults=faults)
    await ensure_view(documents, V1)
    await set_live_view(documents, V1)
    return documents


def metrics() -> CommandMetrics:
    return CommandMetrics(CollectorRegistry())


async def test_outcomes_come_in_the_order_of_the_events() -> None:
    documents = await prepared()
    projector = Projector(documents, ["b", "a", "c"])
    outcomes = PolledOutcomes(documents, metrics(), progressed=projector.progressed)
    assert await outcomes.wait(["a", "b", "c"]) == [entry("a"), entry("b"), entry("c")]


async def test_pauses_grow_and_stay_short() -> None:
    documents = await prepared()
    projector = Projector(documents, ["x"] * 6 + ["a"])
    await PolledOutcomes(documents, metrics(), progressed=projector.progressed).wait(["a"])
    assert projector.pauses == [0.002, 0.004, 0.008, 0.016, 0.025, 0.025, 0.025]


async def test_what_does_not_come_in_time_is_none_and_counted() -> None:
    documents = await prepared()
    await show(documents, "a")
    counted = metrics()
    outcomes = PolledOutcomes(documents, counted, wait_seconds=0.05)
    assert await outcomes.wait(["a", "b"]) == [entry("a"), None]
    assert counted.invisible._value.get() == 1
    assert await outcomes.wait(["a"]) == [entry("a")]
    assert counted.invisible._value.get() == 1


async def test_a_store_that_is_away_for_a_moment_is_asked_again() -> None:
    faults = Faults()
    documents = await prepared(faults)
    await show(documents, "a")
    faults.fail_next(lambda: StoreUnavailable("away"), times=3)
    projector = Projector(documents, [])
    outcomes = PolledOutcomes(documents, metrics(), progressed=projector.progressed)
    assert await outcomes.wait(["a"]) == [entry("a")]


async def test_nothing_to_wait_for_is_no_wait() -> None:
    assert await PolledOutcomes(await prepared(), metrics()).wait([]) == []


async def test_without_views_the_wait_ends_all_the_same() -> None:
    outcomes = PolledOutcomes(FakeDocuments(), metrics(), wait_seconds=0.05)
    assert await outcomes.wait(["a"]) == [None]


async def test_an_error_of_ours_is_not_swallowed() -> None:
    faults = Faults()
    documents = await prepared(faults)
    faults.fail_next(lambda: KeyError("bug"))
    with pytest.raises(KeyError):
        await PolledOutcomes(documents, metrics()).wait(["a"])
