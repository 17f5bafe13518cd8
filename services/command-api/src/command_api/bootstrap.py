"""Puts the command API together. Reading it shows the whole service."""

import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import uuid_utils
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from command_api.adapters.outcomes import PolledOutcomes, Progressed
from command_api.adapters.threads import ThreadsBesideLoop
from command_api.adapters.views import LiveViews
from command_api.application.names import Names
from command_api.application.ports import Tools
from command_api.application.uploads import Uploads
from command_api.http import routes
from command_api.http.shared import Commands
from command_api.matyan import routes as matyan_routes
from command_api.matyan.connection import Desk, Room
from command_api.matyan.lanes import Lanes
from command_api.matyan.shared import Matyan
from command_api.metrics import CommandMetrics, process_metrics
from command_api.settings import UploadSettings
from edge.health import Check
from stores.blobs.port import Blobs
from stores.documents.port import DocumentReader
from stores.eventlog.port import EventLogWriter


@dataclass(frozen=True, slots=True)
class CommandApi:
    """What an ASGI app needs to serve the commands: the arguments of `edge.app.create_app` of these names.

    finish: writes what connections had received, for at most so many seconds; await it after the server stopped and
    before the log is closed.
    """

    rest: Sequence[HTTPRouteHandler]
    rest_only: Sequence[HTTPRouteHandler]
    root: Sequence[ControllerRouterHandler]
    dependencies: Mapping[str, Provide]
    checks: Mapping[str, Check]
    finish: Callable[[float], Awaitable[None]]


def build(
    log: EventLogWriter,
    documents: DocumentReader,
    blobs: Blobs,
    *,
    uploads: UploadSettings | None = None,
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
    names = Names(tools)
    commands = Commands(tools, names, metrics)
    lanes = Lanes(tools, names, metrics.appends.inc)
    uploads = uploads or UploadSettings()
    matyan = Matyan(
        Desk(lanes, Room(), metrics),
        Uploads(blobs, uploads.upload_key.encode(), clock, uploads.max_upload_bytes, uploads.upload_seconds),
    )
    return CommandApi(
        rest=routes.REST,
        rest_only=[*routes.REST_ONLY, *matyan_routes.REST_ONLY],
        root=[*routes.ROOT, *matyan_routes.ROOT],
        dependencies={
            "commands": Provide(lambda: commands, sync_to_thread=False),
            "matyan": Provide(lambda: matyan, sync_to_thread=False),
        },
        checks={"views": views.check, "blobs": blobs.check, **(checks or {})},
        finish=lanes.close,
    )
