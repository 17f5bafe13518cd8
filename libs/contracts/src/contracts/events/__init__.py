"""Every event of the log. One file per subject; a new event is added to its file and to `EVENTS` here."""

from contracts.events.base import CatalogEvent, Event, RunEvent
from contracts.events.experiments import (
    ExperimentArchived,
    ExperimentCreated,
    ExperimentDescribed,
    ExperimentRenamed,
    ExperimentUnarchived,
)
from contracts.events.metrics import MetricsTracked, Series
from contracts.events.notes import RunNoteAdded
from contracts.events.params import ParamsSet
from contracts.events.runs import (
    RunArchived,
    RunCreated,
    RunDeleted,
    RunDescribed,
    RunFinished,
    RunMovedToExperiment,
    RunRenamed,
    RunResumed,
    RunUnarchived,
    TombstoneCleared,
)
from contracts.events.settings import PinnedSequence, SequencesPinned
from contracts.events.tags import RunTagged, RunUntagged, TagCreated

EVENTS: tuple[type[Event], ...] = (
    RunCreated,
    RunResumed,
    RunFinished,
    RunRenamed,
    RunDescribed,
    RunMovedToExperiment,
    RunArchived,
    RunUnarchived,
    RunDeleted,
    TombstoneCleared,
    ParamsSet,
    MetricsTracked,
    RunTagged,
    RunUntagged,
    RunNoteAdded,
    TagCreated,
    ExperimentCreated,
    ExperimentRenamed,
    ExperimentDescribed,
    ExperimentArchived,
    ExperimentUnarchived,
    SequencesPinned,
)

__all__ = (
    "EVENTS",
    "CatalogEvent",
    "Event",
    "ExperimentArchived",
    "ExperimentCreated",
    "ExperimentDescribed",
    "ExperimentRenamed",
    "ExperimentUnarchived",
    "MetricsTracked",
    "ParamsSet",
    "PinnedSequence",
    "RunArchived",
    "RunCreated",
    "RunDeleted",
    "RunDescribed",
    "RunEvent",
    "RunFinished",
    "RunMovedToExperiment",
    "RunNoteAdded",
    "RunRenamed",
    "RunResumed",
    "RunTagged",
    "RunUnarchived",
    "RunUntagged",
    "SequencesPinned",
    "Series",
    "TagCreated",
    "TombstoneCleared",
)
