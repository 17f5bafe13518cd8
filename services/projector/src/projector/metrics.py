"""Every metric of the projector: name, kind, unit, meaning."""

from typing import Literal

import msgspec
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

Kind = Literal["counter", "gauge", "histogram"]


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Kind
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


EVENTS = Metric(
    name="tallybook_projector_events",
    kind="counter",
    unit="events",
    meaning="Events that were decided, by outcome: applied, ignored, invalid.",
    labels=("outcome",),
)
DROPPED = Metric(
    name="tallybook_projector_repeated_records",
    kind="counter",
    unit="records",
    meaning="Records that were delivered again and dropped, because the views hold their effect.",
)
POINTS = Metric(
    name="tallybook_projector_points",
    kind="counter",
    unit="rows",
    meaning="Rows of metric points that were written.",
)
ROWS = Metric(
    name="tallybook_projector_rows",
    kind="counter",
    unit="rows",
    meaning="Rows of objects and logs that were written, by table.",
    labels=("table",),
)
BATCH_SECONDS = Metric(
    name="tallybook_projector_batch_seconds",
    kind="histogram",
    unit="seconds",
    meaning="From the first look at a batch to the commit of its checkpoints.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
STORE_RETRIES = Metric(
    name="tallybook_projector_store_retries",
    kind="counter",
    unit="attempts",
    meaning="Calls of a store or of the log that were repeated because it was unavailable.",
)
BLOBS_REMOVED = Metric(
    name="tallybook_projector_blobs_removed",
    kind="counter",
    unit="blobs",
    meaning="Blobs of purged runs that were removed.",
)
LAG = Metric(
    name="tallybook_projector_lag_records",
    kind="gauge",
    unit="records",
    meaning="Records of the log that the live views do not hold yet, over all partitions.",
)

METRICS: tuple[Metric, ...] = (EVENTS, DROPPED, POINTS, ROWS, BATCH_SECONDS, STORE_RETRIES, BLOBS_REMOVED, LAG)


class ProjectorMetrics:
    """The metrics in one registry; make one per registry."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.events = Counter(EVENTS.name, EVENTS.meaning, EVENTS.labels, registry=registry)
        self.dropped = Counter(DROPPED.name, DROPPED.meaning, registry=registry)
        self.points = Counter(POINTS.name, POINTS.meaning, registry=registry)
        self.rows = Counter(ROWS.name, ROWS.meaning, ROWS.labels, registry=registry)
        self.batch_seconds = Histogram(
            BATCH_SECONDS.name, BATCH_SECONDS.meaning, buckets=BATCH_SECONDS.buckets, registry=registry
        )
        self.store_retries = Counter(STORE_RETRIES.name, STORE_RETRIES.meaning, registry=registry)
        self.blobs_removed = Counter(BLOBS_REMOVED.name, BLOBS_REMOVED.meaning, registry=registry)
        self.lag = Gauge(LAG.name, LAG.meaning, registry=registry)
