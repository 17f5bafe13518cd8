"""Every metric of the command API: name, kind, unit, meaning."""

from functools import cache
from typing import Literal

import msgspec
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()


INVISIBLE = Metric(
    name="tallybook_command_invisible_mutations",
    kind="counter",
    unit="requests",
    meaning="Mutations that were answered before any view showed them.",
)
MESSAGES = Metric(
    name="tallybook_command_ingested_messages",
    kind="counter",
    unit="messages",
    meaning="Messages of ingestion, by what became of them: accepted, rejected.",
    labels=("result",),
)
CONNECTIONS = Metric(
    name="tallybook_matyan_connections",
    kind="gauge",
    unit="connections",
    meaning="WebSockets of runs that are open now.",
)
FRAMES = Metric(
    name="tallybook_matyan_frames",
    kind="counter",
    unit="frames",
    meaning="Frames of matyan-client, by what they were answered: taken, partly, unavailable; repeated ones apart.",
    labels=("result",),
)
FRAME_SECONDS = Metric(
    name="tallybook_matyan_frame_seconds",
    kind="histogram",
    unit="seconds",
    meaning="From the arrival of a frame until it was durable, or given up.",
)
APPENDS = Metric(
    name="tallybook_matyan_appends",
    kind="counter",
    unit="appends",
    meaning="Appends for frames; fewer than frames where frames waited together.",
)

HOUSEKEEPING = Metric(
    name="tallybook_housekeeping",
    kind="counter",
    unit="things",
    meaning="What the housekeeper did, by duty: stale_runs finished, purges, tombstones cleared, leases forgotten,"
    " orphans removed, contents of apps, reports and notes removed.",
    labels=("duty",),
)

METRICS: tuple[Metric, ...] = (INVISIBLE, MESSAGES, CONNECTIONS, FRAMES, FRAME_SECONDS, APPENDS, HOUSEKEEPING)


class CommandMetrics:
    """The metrics in one registry; make one per registry."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.invisible = Counter(INVISIBLE.name, INVISIBLE.meaning, registry=registry)
        self.messages = Counter(MESSAGES.name, MESSAGES.meaning, MESSAGES.labels, registry=registry)
        self.accepted, self.rejected = self.messages.labels("accepted"), self.messages.labels("rejected")
        self.connections = Gauge(CONNECTIONS.name, CONNECTIONS.meaning, registry=registry)
        self.frames = Counter(FRAMES.name, FRAMES.meaning, FRAMES.labels, registry=registry)
        self.frames_by_result = {
            result: self.frames.labels(result) for result in ("taken", "partly", "unavailable", "repeated")
        }
        """Looked up once: it costs more than counting."""
        self.frame_seconds = Histogram(FRAME_SECONDS.name, FRAME_SECONDS.meaning, registry=registry)
        self.appends = Counter(APPENDS.name, APPENDS.meaning, registry=registry)
        self.housekeeping = Counter(HOUSEKEEPING.name, HOUSEKEEPING.meaning, HOUSEKEEPING.labels, registry=registry)


@cache
def process_metrics() -> CommandMetrics:
    """Those in the process's own registry, which takes each name once."""
    return CommandMetrics()
