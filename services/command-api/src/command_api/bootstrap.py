"""Puts the command API together. Reading it shows the whole service."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import uuid_utils
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from command_api.adapters.catching_up import PolledCheckpoints
from command_api.adapters.leases import StoredLeases
from command_api.adapters.outcomes import PolledOutcomes
from command_api.adapters.polling import Progressed
from command_api.adapters.threads import ThreadsBesideLoop
from command_api.adapters.views import LiveViews
from command_api.application.names import Names
from command_api.application.ports import Caller, Tools
from command_api.application.trash import (
    RunPurging,
    RunRestored,
    Trash,
    list_trash,
    purge_run,
    undelete_run,
)
from command_api.application.uploads import Uploads
from command_api.housekeeper.desk import Desk as HousekeeperDesk
from command_api.housekeeper.rounds import Housekeeper
from command_api.housekeeper.settings import HousekeeperSettings
from command_api.http import routes
from command_api.http.shared import Commands
from command_api.matyan import routes as matyan_routes
from command_api.matyan.connection import Desk, Room
from command_api.matyan.lanes import Lanes
from command_api.matyan.patience import Patience
from command_api.matyan.shared import Matyan
from command_api.metrics import CommandMetrics, process_metrics
from command_api.settings import UploadSettings
from edge.health import Check
from stores.blobs.port import Blobs
from stores.documents.port import Documents
from stores.eventlog.port import EventLogReader, EventLogWriter

__all__ = ("CommandApi", "Operators", "RunPurging", "RunRestored", "Trash", "build", "housekeeper")

_OPERATOR = Caller(actor="command line")


@dataclass(frozen=True, slots=True)
class Operators:
    """What the command line asks for, by run id; see `application.trash`."""

    trash: Callable[[], Awaitable[Trash]]
    purge: Callable[[str], Awaitable[RunPurging]]
    undelete: Callable[[str], Awaitable[RunRestored]]


@dataclass(frozen=True, slots=True)
class CommandApi:
    """What an ASGI app needs to serve the commands: the arguments of `edge.app.create_app` of these names.

    finish: writes what connections had received, for at most so many seconds; await it after the server stopped and
    before the log is closed. keep_leases: never returns; run it beside the server. operators: for no port.
    """

    rest: Sequence[HTTPRouteHandler]
    rest_only: Sequence[HTTPRouteHandler]
    root: Sequence[ControllerRouterHandler]
    dependencies: Mapping[str, Provide]
    checks: Mapping[str, Check]
    finish: Callable[[float], Awaitable[None]]
    keep_leases: Callable[[], Awaitable[None]]
    operators: Operators


def housekeeper(
    log: EventLogWriter,
    reader: EventLogReader,
    documents: Documents,
    blobs: Blobs,
    settings: HousekeeperSettings | None = None,
    *,
    metrics: CommandMetrics | None = None,
    clock: Callable[[], float] = time.time,
) -> Housekeeper:
    """The housekeeper over open stores, which stay the caller's to close; its `run` never returns."""
    desk = HousekeeperDesk(log, reader, documents, blobs, clock, lambda: str(uuid_utils.uuid7()))
    return Housekeeper(desk, settings or HousekeeperSettings(), metrics or process_metrics())


def build(
    log: EventLogWriter,
    reader: EventLogReader,
    documents: Documents,
    blobs: Blobs,
    *,
    uploads: UploadSettings | None = None,
    progressed: Progressed = asyncio.sleep,
    checks: Mapping[str, Check] | None = None,
    metrics: CommandMetrics | None = None,
    clock: Callable[[], float] = time.time,
) -> CommandApi:
    """The commands over an open log, open documents and blobs, which stay the caller's to close.

    progressed: where the projector lives in the same process, see `poll`. checks: of the caller's own, the log's among
    them. Needs no running loop and opens nothing.
    """
    metrics = metrics or process_metrics()
    views = LiveViews(documents, blobs)
    leases = StoredLeases(documents, clock, lambda: str(uuid.uuid4()))
    tools = Tools(
        log=log,
        blobs=blobs,
        views=views,
        outcomes=PolledOutcomes(documents, metrics, progressed=progressed),
        catch_up=PolledCheckpoints(reader, documents, progressed=progressed),
        beside_loop=ThreadsBesideLoop(),
        leases=leases,
        clock=clock,
        new_event_id=lambda: str(uuid_utils.uuid7()),
        new_id=lambda: str(uuid.uuid4()),
    )
    names = Names(tools)
    commands = Commands(tools, names, metrics)
    lanes = Lanes(tools, names, metrics.appends.inc)
    uploads = uploads or UploadSettings()
    matyan = Matyan(
        Desk(lanes, Room(), leases, metrics, Patience()),
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
        keep_leases=leases.keep,
        operators=Operators(
            trash=partial(list_trash, tools),
            purge=partial(purge_run, tools, _OPERATOR),
            undelete=partial(undelete_run, tools, _OPERATOR),
        ),
    )
