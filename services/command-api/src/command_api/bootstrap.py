"""Puts the command API together. Reading it shows the whole service."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import uuid_utils
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from command_api.adapters.outcomes import PolledOutcomes, Progressed
from command_api.adapters.threads import ThreadsBesideLoop
from command_api.adapters.views import LiveViews
from command_api.application.names import Names
from command_api.application.ports import Tools
from command_api.http import routes
from command_api.http.shared import Commands
from command_api.metrics import CommandMetrics, process_metrics
from edge.health import Check
from stores.blobs.port import Blobs
from stores.documents.port import DocumentReader
from stores.eventlog.port import EventLogWriter


@dataclass(frozen=True, slots=True)
class CommandApi:
    """What an ASGI app needs to serve the commands: the arguments of `edge.app.create_app` of these names."""

    rest: Sequence[HTTPRouteHandler]
    rest_only: Sequence[HTTPRouteHandler]
    root: Sequence[HTTPRouteHandler]
    dependencies: Mapping[str, Provide]
    checks: Mapping[str, Check]


def build(
    log: EventLogWriter,
    documents: DocumentReader,
    blobs: Blobs,
    *,
    progressed: Progressed | None = None,
    checks: Mapping[str, Check] | None = None,
    metrics: CommandMetrics | None = None,
    clock: Callable[[], float] = time.time,
) -> CommandApi:
    """The commands over an open log, open documents and blobs, which stay the caller's to close.

    progressed: where the projector lives in the same process, see `Progressed`. checks: of the caller's own; the log's
    is the caller's, because a writer has none. Needs no running loop and opens nothing.
    """
    metrics = metrics or process_metrics()
    views = LiveViews(documents)
    outcomes = (
        PolledOutcomes(documents, metrics)
        if progressed is None
        else PolledOutcomes(documents, metrics, progressed=progressed)
    )
    tools = Tools(
        log=log,
        blobs=blobs,
        views=views,
        outcomes=outcomes,
        beside_loop=ThreadsBesideLoop(),
        clock=clock,
        new_event_id=lambda: str(uuid_utils.uuid7()),
        new_id=lambda: str(uuid.uuid4()),
    )
    commands = Commands(tools, Names(tools), metrics)
    return CommandApi(
        rest=routes.REST,
        rest_only=routes.REST_ONLY,
        root=routes.ROOT,
        dependencies={"commands": Provide(lambda: commands, sync_to_thread=False)},
        checks={"views": views.check, "blobs": blobs.check, **(checks or {})},
    )
