"""The projector of the embedded product, built from ports; the cluster's is built in `cluster.py`.

Two modules, because the embedded product installs no client of the cluster's servers. What operators do is named here
too: this module is the door through which the embedded product meets the projector.
"""

from contracts.tables import ViewNames
from projector.metrics import ProjectorMetrics
from projector.recovery.rebuilding import RebuildProgress, RebuildReport, rebuild
from projector.recovery.status import ViewsStatus, views_status
from projector.recovery.views import prepare_views
from projector.runner.batch import Projection
from projector.runner.dead_letters import AppendedDeadLetters
from projector.runner.inprocess import InProcessProjector
from projector.settings import RunnerSettings
from stores.columns.port import Columns
from stores.documents.port import Documents
from stores.eventlog.port import EventLogReader, EventLogWriter

__all__ = (
    "InProcessProjector",
    "ProjectorMetrics",
    "RebuildProgress",
    "RebuildReport",
    "ViewsStatus",
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


def projection_for(
    names: ViewNames,
    log: EventLogReader,
    dead_letters: EventLogWriter,
    documents: Documents,
    columns: Columns,
    settings: RunnerSettings,
    metrics: ProjectorMetrics | None,
) -> Projection:
    """What applies records to one version of the views, as a projector that follows the log needs it."""
    return Projection(
        names,
        log.generation,
        documents,
        columns,
        AppendedDeadLetters(dead_letters, settings.dead_letter_limit),
        metrics=metrics,
        limits=settings.projection,
    )
