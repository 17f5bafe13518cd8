"""The commands' ports in memory: views that a test fills, outcomes that a test decides."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tests.fakes import FakeBlobs, FakeEventLog, Faults

from command_api.application.names import Names
from command_api.application.ports import Caller, Tools
from contracts.envelope import Recorded, decode
from contracts.events import Event
from contracts.position import TopicPartition
from contracts.read_models import (
    App,
    Experiment,
    ExperimentNote,
    HistoryEntry,
    RunBatches,
    RunDocument,
    RunNote,
    Tag,
    TrashedRun,
)
from contracts.read_models.history import Outcome
from contracts.topics import CATALOG, RUNS
from contracts.trees import pack
from stores.boards import ShownApp, ShownDashboard, ShownReport
from stores.errors import StoreUnavailable
from stores.runs.catalog import Catalog

NOW = 1_767_225_600.0
RUN = "run-1"
CALLER = Caller(actor="ada", request_id="request-1")

_T = TypeVar("_T")


def run_document(run_id: str = RUN, tag_ids: Sequence[str] = ()) -> RunDocument:
    return RunDocument(
        id=run_id,
        version=1,
        incarnation=1,
        phase="live",
        name=f"Run: {run_id}",
        description="",
        experiment_id=None,
        tag_ids=list(tag_ids),
        archived=False,
        active=True,
        created_at=NOW,
        ended_at=None,
        updated_at=NOW,
        params=pack({}),
        series=pack([]),
    )


def tag(tag_id: str, name: str) -> Tag:
    return Tag(id=tag_id, version=1, name=name, color=None, description=None, archived=False, position=1)


def experiment(experiment_id: str, name: str) -> Experiment:
    return Experiment(
        id=experiment_id, version=1, name=name, description=None, archived=False, created_at=NOW, position=1
    )


def catalog(
    tags: Iterable[Tag] = (),
    experiments: Iterable[Experiment] = (),
    aliases: Mapping[str, str] | None = None,
    version: int = -1,
) -> Catalog:
    return Catalog({e.id: e for e in experiments}, {t.id: t for t in tags}, dict(aliases or {}), version=version)


class FakeViews:
    def __init__(self, runs: Iterable[RunDocument] = (), known: Catalog | None = None) -> None:
        self.runs = {run.id: run for run in runs}
        self.notes: dict[str, RunNote] = {}
        self.trashed: list[TrashedRun] = []
        self.tombstones: set[str] = set()
        self.met: dict[str, RunBatches] = {}
        self.experiment_notes: dict[tuple[str, str], ExperimentNote] = {}
        """By id of the experiment and of the note."""
        self.known = known or Catalog()
        self.dashboards: dict[str, ShownDashboard] = {}
        self.apps: dict[str, ShownApp] = {}
        self.reports: dict[str, ShownReport] = {}
        self.unavailable = False

    async def run(self, run_id: str) -> RunDocument | None:
        self._reach()
        return self.runs.get(run_id)

    async def existing(self, run_ids: Sequence[str]) -> list[str]:
        self._reach()
        return [run_id for run_id in run_ids if run_id in self.runs]

    async def is_deleted(self, run_id: str) -> bool:
        self._reach()
        return run_id in self.tombstones

    async def batches(self, run_id: str) -> RunBatches | None:
        self._reach()
        return self.met.get(run_id)

    async def run_note(self, run: RunDocument, note_id: str) -> RunNote | None:
        self._reach()
        return self.notes.get(note_id)

    async def trash(self, run_id: str | None = None) -> list[TrashedRun]:
        self._reach()
        return [entry for entry in self.trashed if run_id in (None, entry.run_id)]

    async def experiment_note(self, experiment_id: str, note_id: str) -> ExperimentNote | None:
        self._reach()
        return self.experiment_notes.get((experiment_id, note_id))

    async def catalog(self) -> Catalog:
        self._reach()
        return self.known

    async def dashboard(self, dashboard_id: str) -> ShownDashboard | None:
        self._reach()
        return self.dashboards.get(dashboard_id)

    async def app(self, app_id: str) -> App | None:
        self._reach()
        return self.apps[app_id].entry if app_id in self.apps else None

    async def app_with_state(self, app_id: str) -> ShownApp | None:
        self._reach()
        return self.apps.get(app_id)

    async def report(self, report_id: str) -> ShownReport | None:
        self._reach()
        return self.reports.get(report_id)

    def _reach(self) -> None:
        if self.unavailable:
            raise StoreUnavailable("the documents do not answer")


Verdict = Callable[[Recorded], HistoryEntry | None]


def entry(
    recorded: Recorded,
    outcome: Outcome = "applied",
    reason: str | None = None,
    code: str | None = None,
    entity_id: str | None = None,
) -> HistoryEntry:
    return HistoryEntry(
        id=recorded.header.id,
        version=1,
        topic=RUNS,
        partition=0,
        offset=0,
        key=recorded.header.key,
        type=type(recorded.event).__name__,
        recorded_at=recorded.header.recorded_at,
        actor=None,
        request_id=None,
        outcome=outcome,
        reason=reason,
        code=code,
        entity_id=entity_id,
    )


class FakeOutcomes:
    """Every event is applied, unless its type has a verdict of its own."""

    def __init__(self, log: FakeEventLog) -> None:
        self._log = log
        self.verdicts: dict[type[Event], Verdict] = {}
        self.waited: list[str] = []

    async def wait(self, event_ids: Sequence[str]) -> list[HistoryEntry | None]:
        self.waited += event_ids
        by_id = {each.header.id: each for each in recorded(self._log)}
        return [self.verdicts.get(type(by_id[id].event), entry)(by_id[id]) for id in event_ids]


class FakeCatchUp:
    """Views that are level with the log, unless a test says what happens while somebody waits for it."""

    def __init__(self) -> None:
        self.waited: list[set[TopicPartition]] = []
        self.meanwhile: Callable[[], bool] = lambda: True
        self.level = True

    async def __call__(self, places: Collection[TopicPartition]) -> bool:
        self.waited.append(set(places))
        return self.meanwhile()

    async def is_level(self, places: Collection[TopicPartition]) -> bool:
        return self.level


class Inline:
    """Runs at once what would run beside the loop."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, call: Callable[[], _T]) -> _T:
        self.calls += 1
        return call()


class FakeLeases:
    def __init__(self) -> None:
        self.held: list[str] = []
        self.touched: list[str] = []

    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        self.held.append(run_id)
        try:
            yield
        finally:
            self.held.remove(run_id)

    def touch(self, run_id: str) -> None:
        self.touched.append(run_id)


class Desk:
    """Everything that a command needs, and what a test looks at afterwards."""

    def __init__(self, runs: Iterable[RunDocument] = (), known: Catalog | None = None) -> None:
        self.faults = Faults()
        self.log = FakeEventLog(faults=self.faults)
        self.blobs = FakeBlobs(self.faults)
        self.views = FakeViews(runs, known)
        self.outcomes = FakeOutcomes(self.log)
        self.catch_up = FakeCatchUp()
        self.beside_loop = Inline()
        self.leases = FakeLeases()
        self.now = NOW
        self._made: Counter[str] = Counter()
        self.tools = Tools(
            log=self.log,
            blobs=self.blobs,
            views=self.views,
            outcomes=self.outcomes,
            catch_up=self.catch_up,
            beside_loop=self.beside_loop,
            leases=self.leases,
            clock=lambda: self.now,
            new_event_id=lambda: self._next("event"),
            new_id=lambda: self._next("id"),
        )
        self.names = Names(self.tools)

    @property
    def events(self) -> list[Event]:
        """Of runs, then of the catalog."""
        return [each.event for each in recorded(self.log)]

    def _next(self, kind: str) -> str:
        self._made[kind] += 1
        return f"{kind}-{self._made[kind]}"


def recorded(log: FakeEventLog) -> list[Recorded]:
    return [decode(record.value) for topic in (RUNS, CATALOG) for record in log.records(topic)]
