"""What commands need from outside, by role."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from contracts.position import TopicPartition
from contracts.read_models import App, ExperimentNote, HistoryEntry, RunBatches, RunDocument, RunNote, TrashedRun
from stores.blobs.port import Blobs
from stores.boards import ShownApp, ShownDashboard, ShownReport
from stores.eventlog.port import EventLogWriter
from stores.runs.catalog import Catalog

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asked. actor: from a trusted ingress, else None. request_id: of the HTTP request."""

    actor: str | None = None
    request_id: str | None = None


class Views(Protocol):
    """The views as they are now; they may be behind the log, so what they say is a prediction."""

    async def run(self, run_id: str) -> RunDocument | None:
        """None for a run that never began or is deleted."""
        ...

    async def existing(self, run_ids: Sequence[str]) -> list[str]:
        """Those of the ids, each given once, under which there is a run now; in their order."""
        ...

    async def is_deleted(self, run_id: str) -> bool:
        """Whether what clients send to the run is dropped: its tombstone is there."""
        ...

    async def batches(self, run_id: str) -> RunBatches | None:
        """The named batches that the run remembers; None for a run that never began. Dear: all state of it is read."""
        ...

    async def run_note(self, run: RunDocument, note_id: str) -> RunNote | None:
        """None for a note that is not of the run's current incarnation."""
        ...

    async def trash(self, run_id: str | None = None) -> list[TrashedRun]:
        """What was deleted and not purged, of all runs or of one; deleted longest ago first."""
        ...

    async def experiment_note(self, experiment_id: str, note_id: str) -> ExperimentNote | None:
        """None for a note that is not of the experiment of this id, which is no alias."""
        ...

    async def catalog(self) -> Catalog: ...

    async def dashboard(self, dashboard_id: str) -> ShownDashboard | None:
        """None for one that is not there or is archived."""
        ...

    async def app(self, app_id: str) -> App | None:
        """None for one that is not there or was deleted. Cheap: its state is not read."""
        ...

    async def app_with_state(self, app_id: str) -> ShownApp | None: ...

    async def report(self, report_id: str) -> ShownReport | None:
        """None for one that is not there or was deleted."""
        ...


class Outcomes(Protocol):
    async def wait(self, event_ids: Sequence[str]) -> list[HistoryEntry | None]:
        """The outcome of each event, None for one that no view shows within the time that a caller waits."""
        ...


class CatchUp(Protocol):
    async def __call__(self, places: Collection[TopicPartition]) -> bool:
        """Return True once the views hold what the log held of these partitions at the call.

        At once if they do already; False if they do not within the time that a caller waits.
        """
        ...

    async def is_level(self, places: Collection[TopicPartition]) -> bool:
        """Whether they do already."""
        ...


class BesideLoop(Protocol):
    """Runs what would hold up the event loop, a few calls at a time so that the memory of big requests is bounded."""

    async def __call__(self, call: Callable[[], _T]) -> _T: ...


class Leases(Protocol):
    """Says that runs have a client, so that nobody takes them for abandoned."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """As long as the block runs: a connection."""
        ...

    def touch(self, run_id: str) -> None:
        """Now: a request."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """clock: seconds UTC. new_event_id: UUIDv7 text. new_id: UUID text for what users name (tags, notes, ...).

    These three may be called from any thread.
    """

    log: EventLogWriter
    blobs: Blobs
    views: Views
    outcomes: Outcomes
    catch_up: CatchUp
    beside_loop: BesideLoop
    leases: Leases
    clock: Callable[[], float]
    new_event_id: Callable[[], str]
    new_id: Callable[[], str]
