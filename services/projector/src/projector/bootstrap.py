"""The projector of the embedded product, built from ports; the cluster's is built in `cluster.py`.

Two modules, because the embedded product installs no client of the cluster's servers. What operators do is named here
too: this module is the door through which the embedded product meets the projector.
"""

import time
from collections.abc import Callable

from contracts.tables import ViewNames
from projector.effects.blob_removal import BlobRemoval
from projector.errors import TooManyDeadLetters
from projector.metrics import ProjectorMetrics
from projector.recovery.rebuilding import RebuildProgress, RebuildReport, rebuild
from projector.recovery.status import ViewsStatus, views_status
from projector.recovery.views import ViewsDropped, drop_left_over, prepare_views
from projector.runner.batch import Projection
from projector.runner.dead_letters import AppendedDeadLetters
from projector.runner.inprocess import InProcessProjector
from projector.settings import EffectsSettings, RunnerSettings
from stores.blobs.port import Blobs
from stores.columns.port import ColumnReader, Columns
from stores.documents.port import Documents
from stores.eventlog.port import EventLogReader, EventLogWriter

__all__ = (
    "InProcessProjector",
    "ProjectorMetrics",
    "RebuildProgress",
    "RebuildReport",
    "TooManyDeadLetters",
    "ViewsDropped",
    "ViewsStatus",
    "blob_removal",
    "drop_left_over",
    "in_process",
    "projection_for",
    "rebuild",
    "views_status",
)

DEFAULT_SETTINGS = RunnerSettings()


async def in_process(
    log: EventLogReader,
    dead_letters: EventLogWriter,
    documents: Documents,
    columns: Columns,
    settings: RunnerSettings = DEFAULT_SETTINGS,
    metrics: ProjectorMetrics | None = None,
) -> InProcessProjector:
    """Make the live version of the views where there is none, and the projector that fills it; call its `start`.

    The stores stay the caller's: stop the projector first, then close them. Raises StoreUnavailable.
    """
    names = await prepare_views(documents, columns)
    projection = projection_for(names, log, dead_letters, documents, columns, settings, metrics)
    if metrics is None:
        return InProcessProjector(log, projection, settings.round)
    return InProcessProjector(log, projection, settings.round, metrics.lag.set)


def blob_removal(
    log: EventLogReader,
    documents: Documents,
    columns: ColumnReader,
    blobs: Blobs,
    settings: EffectsSettings | None = None,
    metrics: ProjectorMetrics | None = None,
    clock: Callable[[], float] = time.time,
) -> BlobRemoval:
    """What removes the blobs of purged runs, over open stores that stay the caller's; its `run` never returns."""
    count = (lambda _removed: None) if metrics is None else metrics.blobs_removed.inc
    return BlobRemoval(log, documents, columns, blobs, clock, settings or EffectsSettings(), count)


def projection_for(
    names: ViewNames,
    log: EventLogReader,
    dead_letters: EventLogWriter,
    documents: Documents,
    columns: Columns,
    settings: RunnerSettings,
    metrics: ProjectorMetrics | None,
) -> Projection:
    """What applies records to the live version of the views, as a projector that follows the log needs it."""
    return Projection(
        names,
        log.generation,
        documents,
        columns,
        AppendedDeadLetters(dead_letters, settings.dead_letter_limit),
        live=True,
        metrics=metrics,
        limits=settings.projection,
    )
