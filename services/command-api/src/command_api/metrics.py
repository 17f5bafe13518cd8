"""Every metric of the command API: name, kind, unit, meaning."""

from functools import cache
from typing import Literal

import msgspec
from prometheus_client import REGISTRY, CollectorRegistry, Counter


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Literal["counter"]
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
    meaning="Messages of native ingestion, by what became of them: accepted, rejected.",
    labels=("result",),
)

METRICS: tuple[Metric, ...] = (INVISIBLE, MESSAGES)


class CommandMetrics:
    """The metrics in one registry; make one per registry."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.invisible = Counter(INVISIBLE.name, INVISIBLE.meaning, registry=registry)
        self.messages = Counter(MESSAGES.name, MESSAGES.meaning, MESSAGES.labels, registry=registry)


@cache
def process_metrics() -> CommandMetrics:
    """Those in the process's own registry, which takes each name once."""
    return CommandMetrics()
